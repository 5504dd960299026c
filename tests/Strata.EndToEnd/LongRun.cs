using System.Globalization;

namespace Strata.EndToEnd;

/// <summary>What <c>./test.sh --long</c> does more of.</summary>
internal static class LongRun
{
    public static bool Is => Environment.GetEnvironmentVariable("STRATA_LONG") == "1";

    /// <summary>A new one each time; STRATA_SEED repeats one.</summary>
    public static int Seed()
    {
        var seed = Environment.GetEnvironmentVariable("STRATA_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed} (STRATA_SEED repeats it)");
        return seed;
    }
}

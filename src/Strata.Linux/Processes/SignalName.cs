using System.Globalization;

namespace Strata.Linux;

/// <summary>The names people give signals (signal(7), amd64 and arm64).</summary>
public static class SignalName
{
    private const int Largest = 64;

    // In order from 1.
    private static readonly string[] Names =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    // Other names of the same.
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal) { ["IOT"] = "ABRT", ["CLD"] = "CHLD", ["POLL"] = "IO" };

    /// <summary>Takes a number, or a name with or without SIG, in any case; <c>RTMIN+3</c> and <c>RTMAX-3</c> too.</summary>
    public static bool TryParse(string text, out int signal)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out signal))
        {
            return signal is >= 1 and <= Largest;
        }
        var name = text.ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        // glibc keeps the first two real-time signals for itself.
        const int realTimeFirst = 34;
        signal = name switch
        {
            "RTMIN" => realTimeFirst,
            "RTMAX" => Largest,
            ['R', 'T', 'M', 'I', 'N', '+', .. var more] when Offset(more) is { } offset => realTimeFirst + offset,
            ['R', 'T', 'M', 'A', 'X', '-', .. var less] when Offset(less) is { } offset => Largest - offset,
            _ => Array.IndexOf(Names, Aliases.GetValueOrDefault(name, name)) + 1,
        };
        return signal > 0;

        static int? Offset(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && offset <= Largest - realTimeFirst ? offset : null;
    }
}

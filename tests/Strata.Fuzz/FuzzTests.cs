using System.Diagnostics;

namespace Strata.Fuzz;

/// <summary>What a run of minutes can show. The hours are afl.sh's, which <c>./test.sh --long</c> runs.</summary>
public sealed class FuzzTests
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Mutating = TimeSpan.FromSeconds(3);
    private const long LargestAllocation = 256L << 20;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_of_the_corpus_is_read_or_refused(string name)
    {
        var target = FuzzTargets.Find(name);
        var inputs = Corpus.Of(target).ToList();
        Assert.NotEmpty(inputs);
        foreach (var input in inputs)
        {
            Take(target, input, "an input of the corpus");
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Broken_inputs_are_read_or_refused_in_time_and_in_bounds(string name)
    {
        var target = FuzzTargets.Find(name);
        var seed = Environment.GetEnvironmentVariable("STRATA_SEED") is { } given
            ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        var mutation = new Mutation(seed, [.. Corpus.Of(target)]);
        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; watch.Elapsed < Mutating; count++)
        {
            Take(target, mutation.Next(), $"input {count} of STRATA_SEED={seed}");
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {count} inputs of STRATA_SEED={seed}");
        Assert.NotEqual(0, count);
    }

    /// <summary>On a thread of its own, so that an input on which the target hangs is told of; what its decoders do on theirs counts too.</summary>
    private static void Take(FuzzTarget target, byte[] input, string which)
    {
        var what = $"{target}: {which} ({Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 4096)))})";
        var allocated = GC.GetTotalAllocatedBytes();
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(() => target.Run(input))) { IsBackground = true, Name = "fuzz" };
        thread.Start();
        Assert.True(thread.Join(LongestRun), $"{what} is still being read after {LongestRun.TotalSeconds} s.");
        Assert.True(error is null, $"{what}: {error}");
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        Assert.True(allocated < LargestAllocation, $"{what} of {input.Length} bytes allocated {allocated}.");
    }
}

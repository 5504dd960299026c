namespace Strata.EndToEnd;

/// <summary>Lines for the summary of a long run, in the file that STRATA_SUMMARY names.</summary>
internal static class Summary
{
    private static readonly Lock Alone = new();

    public static void Add(string line)
    {
        if (Environment.GetEnvironmentVariable("STRATA_SUMMARY") is { Length: > 0 } file)
        {
            lock (Alone)
            {
                File.AppendAllText(file, line + "\n");
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine(line);
    }
}

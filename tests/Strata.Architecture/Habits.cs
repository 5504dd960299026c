namespace Strata.Architecture;

/// <summary>Habits that a compiler does not check.</summary>
public sealed class Habits
{
    private const int LongestFile = 500;

    [Fact]
    public void No_source_file_is_longer_than_one_idea()
    {
        var tooLong = Repository.SourceFiles("src")
            .Select(file => (File: Repository.Relative(file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > LongestFile)
            .Select(file => $"{file.File}: {file.Lines} lines");
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Only_the_Linux_room_calls_into_C()
    {
        var offenders = Repository.SourceFiles("src")
            .Where(file => !Repository.Relative(file).StartsWith("src/Strata.Linux/", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file) is var text
                && (text.Contains("DllImport", StringComparison.Ordinal)
                    || text.Contains("LibraryImport", StringComparison.Ordinal)
                    || text.Contains("unsafe ", StringComparison.Ordinal)))
            .Select(Repository.Relative);
        Assert.Empty(offenders);
    }

    [Fact]
    public void Nothing_is_left_for_later_in_a_comment()
    {
        string[] marks = ["TODO", "FIXME", "HACK", "NotImplementedException", "#region"];
        var offenders = Repository.SourceFiles("src")
            .SelectMany(file => File.ReadLines(file).Select((line, number) => (file, line, number: number + 1)))
            .Where(hit => marks.Any(mark => hit.line.Contains(mark, StringComparison.Ordinal)))
            .Select(hit => $"{Repository.Relative(hit.file)}:{hit.number}: {hit.line.Trim()}");
        Assert.Empty(offenders);
    }

    [Fact]
    public void No_file_is_named_after_a_bag()
    {
        string[] bags = ["Utils", "Util", "Helper", "Helpers", "Common", "Misc", "Manager"];
        var offenders = Repository.SourceFiles("src")
            .Where(file => bags.Any(bag => Path.GetFileNameWithoutExtension(file).EndsWith(bag, StringComparison.Ordinal)))
            .Select(Repository.Relative);
        Assert.Empty(offenders);
    }
}

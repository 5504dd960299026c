using System.Text.Json;

namespace Strata.EndToEnd;

public sealed class TheExecutable
{
    private const long LargestSize = 50_000_000;

    [Fact]
    public async Task It_is_one_static_file_of_at_most_fifty_megabytes()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        var ldd = await Command.RunAsync("ldd", [Workplace.Executable]);
        Assert.Matches("statically linked|not a dynamic executable", ldd.Output + ldd.Error);
        Assert.InRange(new FileInfo(Workplace.Executable).Length, 1, LargestSize);
    }

    [Fact]
    public async Task It_runs_in_an_empty_root()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        var root = place.PathOf("empty");
        Directory.CreateDirectory(root);
        File.Copy(Workplace.Executable, Path.Combine(root, "strata"));
        var version = (await Command.RunAsync("chroot", [root, "/strata", "version"])).Succeeded();
        Assert.StartsWith("strata ", version.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_tells_what_it_is_made_of()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        var list = (await place.StrataAsync("version", "--components")).Succeeded();
        using var document = JsonDocument.Parse(list.Output);
        Assert.Equal("CycloneDX", document.RootElement.GetProperty("bomFormat").GetString());
        var names = document.RootElement.GetProperty("components").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ToList();
        Assert.Contains("OpenSSL", names);
        Assert.Contains("SQLite", names);
        Assert.Contains("GNU C library", names);
    }

    [Fact]
    public async Task Its_help_teaches_and_a_wrong_word_is_answered_with_the_right_one()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        var help = (await place.StrataAsync("--help")).Succeeded();
        Assert.Contains("strata build -t my-app:v1 .", help.Output, StringComparison.Ordinal);
        var wrong = (await place.StrataAsync("biuld", ".")).FailedSaying("'biuld'", "did you mean build?");
        Assert.Empty(wrong.Output);
        (await place.StrataAsync("images", "--quite")).FailedSaying("--quite", "did you mean --quiet?");
    }
}

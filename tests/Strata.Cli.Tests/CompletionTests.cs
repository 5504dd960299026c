using Strata.Cli.Completion;

namespace Strata.Cli.Tests;

public sealed class CompletionTests : IAsyncLifetime
{
    private readonly CommandLine _line = new();

    public async ValueTask InitializeAsync()
    {
        _line.Write("Dockerfile", "FROM scratch\nLABEL a=b\nCOPY Dockerfile /\n");
        Assert.Equal(0, await _line.RunAsync("build", "-q", "-t", "app:v1", "."));
        Assert.Equal(0, await _line.RunAsync("tag", "app:v1", "reg.example.org:5000/team/app:v2"));
        _line.Forget();
    }

    [Theory]
    [InlineData("im", "images import")]
    [InlineData("registry ", "serve")]
    [InlineData("history a", "app:v1")]
    [InlineData("history app:", "app:v1")]
    [InlineData("layers app:v1 reg", "reg.example.org:5000/team/app:v2")]
    [InlineData("tag app:v1 ap", "app:v1")]
    [InlineData("tags reg", "reg.example.org:5000/team/app")]
    [InlineData("tags h", "history")]
    [InlineData("history --no", "--no-trunc")]
    [InlineData("history --format ", "json table")]
    [InlineData("history --format j", "json")]
    [InlineData("history --format=j", "--format=json")]
    [InlineData("inspect --type ", "container image")]
    [InlineData("completion ", "bash fish zsh")]
    [InlineData("build --network ", "default host none")]
    [InlineData("build --tag a", "app:v1")]
    [InlineData("save --format ", "docker-archive oci-archive oci-dir")]
    [InlineData("copy oci", "oci-archive: oci:")]
    [InlineData("copy store:a", "store:app:v1")]
    [InlineData("copy oci:x st", "store:app:v1 store:reg.example.org:5000/team/app:v2")]
    [InlineData("copy docker://a", "")]
    [InlineData("pull --platform linux/am", "linux/amd64")]
    [InlineData("run --rm -it a", "app:v1")]
    [InlineData("run --name x a", "app:v1")]
    [InlineData("run app:v1 --r", "")]
    [InlineData("run app:v1 a", "")]
    [InlineData("run --re", "--read-only")]
    [InlineData("nonsense a", "")]
    [InlineData("--ro", "--root")]
    [InlineData("--root /no/such/folder history ", "")]
    public void What_may_be_typed_next_is_told(string typed, string expected) =>
        Assert.Equal(expected, string.Join(' ', Complete(typed).Candidates.Select(candidate => candidate.Word).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("build ")]
    [InlineData("build -t x D")]
    [InlineData("build -f ")]
    [InlineData("import ")]
    [InlineData("copy oci:fo")]
    [InlineData("--root ")]
    public void Files_are_left_to_the_shell(string typed)
    {
        Assert.True(Complete(typed).AreFiles);
        Assert.Empty(Complete(typed).Candidates);
    }

    [Fact]
    public void Looking_for_names_makes_no_store_of_an_empty_folder()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(_line.Write("x", ""))!, "empty")).FullName;
        Assert.Empty(Complete($"--root {folder} history ").Candidates);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void An_id_that_is_begun_is_completed_and_else_not_offered()
    {
        var id = Complete("history ").Candidates.Single(candidate => candidate.Word == "app:v1").About[..12];
        Assert.Equal(id, Assert.Single(Complete("history " + id[..4]).Candidates).Word);
    }

    [Fact]
    public void Looking_for_names_makes_no_store()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"strata-{Guid.NewGuid():N}");
        Assert.Empty(Complete($"--root {folder} images ").Candidates);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("bash", "complete -F _strata strata")]
    [InlineData("zsh", "#compdef strata")]
    [InlineData("fish", "complete -c strata")]
    public async Task Each_shell_has_a_script(string shell, string holding)
    {
        Assert.Equal(0, await _line.RunAsync("completion", shell));
        Assert.Contains(holding, _line.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_scripts_ask_with_a_verb_that_is_not_for_people()
    {
        Assert.Equal(0, await _line.RunAsync("complete", "--", "logo"));
        Assert.StartsWith("logout\t", _line.Output, StringComparison.Ordinal);
        _line.Forget();
        await _line.RunAsync("--help");
        Assert.DoesNotContain("  complete ", _line.Output, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        _line.Dispose();
        return ValueTask.CompletedTask;
    }

    private Completion.Completion Complete(string typed) => Completer.Complete(_line.Session, StrataCommand.Create(_line.Session), typed.Split(' '));
}

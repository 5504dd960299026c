using System.Diagnostics;
using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>Looking at images with the real executable: in a registry, in a terminal, from a shell.</summary>
public sealed class Seeing
{
    private static async Task<Workplace> WithImagesAsync()
    {
        var place = await Workplace.OpenAsync(withBase: false);
        var context = place.Context("app", ("Dockerfile", "FROM scratch\nCOPY a.txt /file\nCOPY b.txt /file\nLABEL who=me\nCMD [\"/file\"]\n"), ("a.txt", new string('a', 2000)), ("b.txt", "b"));
        (await place.StrataAsync("build", "-q", "-t", "app:v1", context)).Succeeded();
        return place;
    }

    [Fact]
    public async Task An_image_in_a_registry_is_inspected_as_skopeo_does_and_its_manifest_to_the_byte()
    {
        await using var place = await WithImagesAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var name = $"{registry}/team/app:v1";
        (await place.StrataAsync("tag", "app:v1", name)).Succeeded();
        (await place.StrataAsync("push", name)).Succeeded();
        using var json = JsonDocument.Parse((await place.StrataAsync("inspect", $"docker://{name}")).Succeeded().Output);
        var image = json.RootElement[0];
        Assert.Equal($"{registry}/team/app", image.GetProperty("Name").GetString());
        Assert.Equal("v1", image.GetProperty("RepoTags")[0].GetString());
        Assert.Equal(2, image.GetProperty("LayersData").GetArrayLength());
        Assert.Equal("me", image.GetProperty("Labels").GetProperty("who").GetString());
        var local = (await place.StrataAsync("inspect", "--raw", name)).Succeeded().Output;
        var remote = (await place.StrataAsync("inspect", "--raw", "--remote", name)).Succeeded().Output;
        Assert.Equal(local, remote);
        Assert.Equal(image.GetProperty("Digest").GetString(), "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(remote))));
        var config = (await place.StrataAsync("inspect", "--raw", "--config", $"docker://{name}")).Succeeded().Output;
        Assert.Equal((await place.StrataAsync("inspect", "--raw", "--config", "app:v1")).Succeeded().Output, config);
        Assert.Contains("2 layers", (await place.StrataAsync("layers", "app:v1")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("to fetch; which files", (await place.StrataAsync("layers", $"docker://{name}")).Succeeded().Output, StringComparison.Ordinal);
        var history = (await place.StrataAsync("history", "--no-trunc", "--format", "{{.ID}} {{.CreatedBy}}", $"docker://{name}")).Succeeded().Output;
        Assert.Equal((await place.StrataAsync("history", "--no-trunc", "--format", "{{.ID}} {{.CreatedBy}}", name)).Succeeded().Output, history);
        (await place.StrataAsync("inspect", $"docker://{registry}/team/none:1")).FailedSaying("there is no", "team/none:1");
        if (Command.Exists("skopeo"))
        {
            var theirs = (await Command.RunAsync("skopeo", ["inspect", "--raw", "--tls-verify=false", $"docker://{name}"])).Succeeded().Output;
            Assert.Equal(theirs, remote);
        }
    }

    [Theory]
    [InlineData("strata his", "history")]
    [InlineData("strata history ap", "app:v1")]
    // bash cuts words at the colon and puts back only what stands behind it.
    [InlineData("strata history app:", "v1")]
    [InlineData("strata history --format=js", "json")]
    [InlineData("strata inspect --type ", "container image")]
    [InlineData("strata build app/Docker", "app/Dockerfile")]
    public async Task Bash_completes_what_is_typed(string typed, string expected)
    {
        await using var place = await WithImagesAsync();
        var script = $$"""
            source <(strata completion bash)
            COMP_LINE=$1 COMP_POINT=${#1}
            eval "$(complete -p strata | sed 's/.*-F \([^ ]*\).*/\1 strata/')"
            printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' '
            """;
        var bash = await Command.RunAsync("bash", ["--norc", "-c", script, "bash", typed], ShellEnvironment(place), place.Folder);
        Assert.Equal(expected + "\n", bash.Succeeded().Output);
        Assert.Equal("", bash.Error);
    }

    [Theory]
    [InlineData("strata his", "history")]
    [InlineData("strata history ap", "app:v1")]
    [InlineData("strata history --format=js", "--format=json")]
    [InlineData("strata inspect --type ", "container image")]
    [InlineData("strata build app/Docker", "app/Dockerfile")]
    [InlineData("strata copy oci:x st", "store:app:v1")]
    public async Task Fish_completes_what_is_typed(string typed, string expected)
    {
        Assert.SkipUnless(Command.Exists("fish"), "fish is not installed");
        await using var place = await WithImagesAsync();
        var script = "strata completion fish | source; complete -C $argv[1] | string replace -r '\\t.*' '' | sort | paste -sd' '";
        var fish = await Command.RunAsync("fish", ["--no-config", "-c", script, typed], ShellEnvironment(place), place.Folder);
        Assert.Equal(expected + "\n", fish.Succeeded().Output);
    }

    // A zsh of its own behind a terminal: what stands on its line after the Tab is printed by that zsh itself.
    [Theory]
    [InlineData("strata his", "strata history")]
    [InlineData("strata history ap", "strata history app:v1")]
    [InlineData("strata history app:", "strata history app:v1")]
    [InlineData("strata history --format=js", "strata history --format=json")]
    [InlineData("strata build app/Docker", "strata build app/Dockerfile")]
    [InlineData("strata copy oci:x st", "strata copy oci:x store:app:v1")]
    public async Task Zsh_completes_what_is_typed(string typed, string expected)
    {
        Assert.SkipUnless(Command.Exists("zsh"), "zsh is not installed");
        await using var place = await WithImagesAsync();
        var script = """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'unsetopt prompt_sp; PS1= PS2=; autoload -Uz compinit; compinit -u -D; source <(strata completion zsh); print -r "<<"ready'
            zpty -r -m shell seen '*<<ready*'
            zpty -w -n shell "$1"$'\t\x01print -r "<<\x05"\n'
            zpty -r -m shell seen $'*\n<<*\n*'
            print -r -- ${${seen##*$'\n<<'}%%$'\r'*}
            """;
        var zsh = await Command.RunAsync("zsh", ["-f", "-c", script, "zsh", typed], ShellEnvironment(place), place.Folder);
        Assert.Equal(expected + "\n", zsh.Succeeded().Output);
    }

    private static Dictionary<string, string> ShellEnvironment(Workplace place)
    {
        var environment = place.Environment(place.StoreRoot);
        environment["PATH"] = Path.GetDirectoryName(Workplace.Executable) + ":/usr/bin:/bin";
        environment["HOME"] = place.Folder;
        return environment;
    }

    [Fact]
    public async Task A_completion_is_there_before_the_finger_is_off_the_key()
    {
        await using var place = await WithImagesAsync();
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var watch = Stopwatch.StartNew();
            (await place.StrataAsync("complete", "--", "history", "a")).Succeeded();
            best = watch.Elapsed < best ? watch.Elapsed : best;
        }
        Assert.True(best < TimeSpan.FromMilliseconds(100), $"the quickest of 10 completions took {best.TotalMilliseconds:0} ms");
    }

    [Theory]
    [InlineData(72)]
    [InlineData(140)]
    public async Task A_terminal_gets_rows_that_fit_and_no_colours_where_none_are_wanted(int columns)
    {
        await using var place = await WithImagesAsync();
        Assert.SkipUnless(Command.Exists("script"), "script is not installed");
        var environment = place.Environment(place.StoreRoot);
        var seen = (await Command.RunAsync("script", ["-qec", $"stty cols {columns} rows 24; exec {Workplace.Executable} history app:v1", "/dev/null"], environment)).Succeeded().Output;
        Assert.All(seen.Split("\r\n"), line => Assert.True(line.Length <= columns, line));
        Assert.DoesNotContain('\e', seen);
        var layers = (await Command.RunAsync("script", ["-qec", $"stty cols {columns} rows 24; exec {Workplace.Executable} layers app:v1", "/dev/null"], environment)).Succeeded().Output;
        Assert.Equal(columns > 100, layers.Contains('░', StringComparison.Ordinal));
        Assert.DoesNotContain('\e', layers);
        environment["NO_COLOR"] = "";
        Assert.Contains("\e[", (await Command.RunAsync("script", ["-qec", $"stty cols 140 rows 24; exec {Workplace.Executable} layers app:v1", "/dev/null"], environment)).Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', (await place.StrataInAsync(place.StoreRoot, "layers", "app:v1")).Succeeded().Output);
    }
}

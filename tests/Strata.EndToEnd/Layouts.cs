using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>Names, kinds of manifests and several writers of image layouts, as skopeo and podman find them.</summary>
public sealed class Layouts
{
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    private static void Need(string program) => Assert.SkipUnless(Command.Exists(program), $"{program} is not installed");

    private static async Task<string> SkopeoSeesAsync(string image)
    {
        using var manifest = JsonDocument.Parse((await Command.RunAsync("skopeo", ["inspect", "--raw", image])).Succeeded().Output);
        return manifest.RootElement.GetProperty("config").GetProperty("digest").GetString()!;
    }

    private static async Task<string> ImportAsync(Workplace place, string name) =>
        (await place.StrataAsync("import", Tars.Make(place, name), $"{name}:1")).Succeeded().LastLine;

    [Theory]
    [InlineData("bb:1")]
    [InlineData("foo/bar:7")]
    [InlineData("reg.example/app")]
    [InlineData("1")]
    public async Task What_skopeo_called_by_a_name_is_replaced_under_that_name_and_found_by_both(string name)
    {
        Need("skopeo");
        await using var place = await Workplace.OpenAsync();
        var (one, two) = (await ImportAsync(place, "one"), await ImportAsync(place, "two"));
        (await place.StrataAsync("copy", "store:one:1", $"oci:{place.PathOf("start")}:x")).Succeeded();
        var (layout, archive) = ($"oci:{place.PathOf("layout")}:{name}", $"oci-archive:{place.PathOf("archive")}:{name}");
        (await Command.RunAsync("skopeo", ["copy", "-q", $"oci:{place.PathOf("start")}:x", layout])).Succeeded();
        Assert.Equal(one, await SkopeoSeesAsync(layout));
        foreach (var target in new[] { layout, archive })
        {
            (await place.StrataAsync("copy", "store:two:1", target)).Succeeded();
            Assert.Equal(two, await SkopeoSeesAsync(target));
            (await place.StrataAsync("copy", target, "store:back:1")).Succeeded();
            Assert.Equal(two, (await place.StrataAsync("images", "-q", "--no-trunc", "back:1")).Succeeded().LastLine);
        }
    }

    [Fact]
    public async Task A_manifest_of_dockers_kind_is_told_of_and_with_gzip_skopeo_finds_it()
    {
        Need("skopeo");
        await using var place = await Workplace.OpenAsync();
        var id = await ImportAsync(place, "one");
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("copy", "store:one:1", $"oci:{place.PathOf("start")}:x")).Succeeded();
        string[] toDocker = ["copy", "-q", "--format", "v2s2", "--dest-tls-verify=false", $"oci:{place.PathOf("start")}:x", $"docker://{registry}/one:1"];
        (await Command.RunAsync("skopeo", toDocker)).Succeeded();
        var kept = $"oci:{place.PathOf("kept")}:1";
        var told = (await place.StrataAsync("copy", $"docker://{registry}/one:1", kept)).Succeeded();
        Assert.Contains("note: the manifest is of docker's kind", told.Error, StringComparison.Ordinal);
        Assert.Contains(DockerManifest, await File.ReadAllTextAsync(place.PathOf("kept", "index.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty((await place.StrataAsync("copy", "-q", $"docker://{registry}/one:1", kept)).Succeeded().Error);
        foreach (var kind in new[] { "gzip", "zstd", "none" })
        {
            var made = $"oci-archive:{place.PathOf(kind)}:1";
            var quiet = (await place.StrataAsync("copy", "--compression", kind, $"docker://{registry}/one:1", made)).Succeeded();
            Assert.DoesNotContain("note:", quiet.Error, StringComparison.Ordinal);
            Assert.Equal(id, await SkopeoSeesAsync(made));
        }
        (await place.StrataAsync("pull", "-q", $"{registry}/one:1")).Succeeded();
        foreach (var (format, isTold) in new[] { ("oci-archive", true), ("oci-dir", true), ("docker-archive", false) })
        {
            var saved = (await place.StrataAsync("save", "--format", format, "-o", place.PathOf("s-" + format), $"{registry}/one:1")).Succeeded();
            Assert.Equal(isTold, saved.Error.Contains("note: the manifest is of docker's kind", StringComparison.Ordinal));
        }
        (await place.StrataAsync("save", "-q", "--format", "oci-dir", "--compression", "gzip", "-o", place.PathOf("s-gzip"), $"{registry}/one:1")).Succeeded();
        Assert.Equal(id, await SkopeoSeesAsync($"oci:{place.PathOf("s-gzip")}:1"));
    }

    [Fact]
    public async Task Five_copies_at_once_into_a_new_folder_all_end_well()
    {
        await using var place = await Workplace.OpenAsync();
        await ImportAsync(place, "one");
        var names = Enumerable.Range(0, 5).Select(i => $"oci:{place.PathOf("layout")}:v{i}").ToList();
        foreach (var result in await Task.WhenAll(names.Select(name => place.StrataAsync("copy", "-q", "store:one:1", name))))
        {
            result.Succeeded();
        }
        foreach (var name in names)
        {
            (await place.StrataAsync("copy", "-q", name, "store:back:1")).Succeeded();
        }
        Assert.Empty(Remains.Temporaries(place.Folder));
    }

    [Fact]
    public async Task An_archive_goes_to_standard_output_by_every_name_it_has()
    {
        await using var place = await Workplace.OpenAsync();
        await ImportAsync(place, "one");
        foreach (var output in new[] { "save -o /dev/stdout one:1", "save -o /dev/fd/1 one:1", "copy store:one:1 oci-archive:/dev/stdout:x" })
        {
            var script = $"{Workplace.Executable} {output} 2> said | tar t > list; grep -q oci-layout list; ! grep error said";
            (await Command.RunAsync("/bin/sh", ["-ec", $"cd {place.Folder}; {script}"], place.Environment(place.StoreRoot))).Succeeded();
        }
    }

    [Fact]
    public async Task A_full_temporary_folder_is_named_with_the_variable_that_says_another()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("import", Tars.Make(place, "large", 8 << 20), "large:1")).Succeeded();
        (await place.StrataAsync("copy", "-q", "store:large:1", $"oci:{place.PathOf("start")}:x")).Succeeded();
        await using var disk = await SmallDisk.TmpfsAsync(place, "small", "3m");
        var script = $"TMPDIR={disk.Path} {Workplace.Executable} copy --compression zstd oci:{place.PathOf("start")}:x oci:{place.PathOf("end")}:x";
        var full = await Command.RunAsync("/bin/sh", ["-c", script], place.Environment(place.StoreRoot));
        full.FailedSaying($"the temporary folder {disk.Path} is full", "TMPDIR");
        Assert.DoesNotContain("prune", full.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place.PathOf("end")));
    }
}

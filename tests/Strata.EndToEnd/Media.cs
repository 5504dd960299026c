using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>Images through archives and layouts, with the programs that others write and read them with.</summary>
public sealed class Media
{
    private static void Need(string program) => Assert.SkipUnless(Command.Exists(program), $"{program} is not installed");

    private static async Task<string> IdAsync(Workplace place, string root, string name) =>
        (await place.StrataInAsync(root, "images", "-q", "--no-trunc", name)).Succeeded().LastLine;

    /// <summary>What skopeo finds: the digest of the config, which is the image's id, and the layers' media types.</summary>
    private static async Task<(string Config, IReadOnlyList<string> Layers)> SkopeoSeesAsync(string image)
    {
        using var manifest = JsonDocument.Parse((await Command.RunAsync("skopeo", ["inspect", "--raw", image])).Succeeded().Output);
        return (
            manifest.RootElement.GetProperty("config").GetProperty("digest").GetString()!,
            [.. manifest.RootElement.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("mediaType").GetString()!)]);
    }

    private static async Task ShellAsync(Workplace place, string script) =>
        (await Command.RunAsync("/bin/sh", ["-ec", script], place.Environment(place.StoreRoot))).Succeeded();

    [Fact]
    public async Task What_is_saved_is_loaded_from_a_file_from_standard_input_and_compressed()
    {
        Need("zstd");
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("tag", Workplace.Base, "app:v1")).Succeeded();
        (await place.StrataAsync("tag", Workplace.Base, "reg.example/team/app:v2")).Succeeded();
        var id = await IdAsync(place, place.StoreRoot, "app:v1");
        var file = place.PathOf("app.tar");
        Assert.Empty((await place.StrataAsync("save", "-q", "-o", file, "app:v1", "reg.example/team/app:v2")).Succeeded().Error);
        await ShellAsync(place, $"{Workplace.Executable} save -q app:v1 reg.example/team/app:v2 > {file}.2; cmp {file} {file}.2; gzip -k {file}; zstd -q {file}");
        foreach (var (load, number) in new[] { $"-i {file}", $"-i {file}.gz", $"-i {file}.zst", $"< {file}", $"< {file}.gz", $"-i - < {file}.zst" }.Select((load, i) => (load, i)))
        {
            var root = place.PathOf($"store-{number}");
            await ShellAsync(place, $"{Workplace.Executable} --root {root} load -q {load} > {place.PathOf("said")}");
            Assert.Equal("Loaded image: app:v1\nLoaded image: reg.example/team/app:v2\n", await File.ReadAllTextAsync(place.PathOf("said")));
            Assert.Equal(id, await IdAsync(place, root, "app:v1"));
            Assert.Equal(id, await IdAsync(place, root, "reg.example/team/app:v2"));
            (await place.StrataInAsync(root, "system", "verify")).Succeeded();
        }
    }

    [Fact]
    public async Task Skopeo_reads_every_format_that_save_writes()
    {
        Need("skopeo");
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("tag", Workplace.Base, "app:v1")).Succeeded();
        var id = await IdAsync(place, place.StoreRoot, "app:v1");
        foreach (var (format, image, kinds) in new[]
        {
            ("docker-archive", "docker-archive:{0}:app:v1", "keep none gzip"), ("docker-archive", "oci-archive:{0}:v1", "gzip zstd"),
            ("oci-archive", "oci-archive:{0}:v1", "none gzip zstd"), ("oci-dir", "oci:{0}:v1", "keep gzip zstd"),
        })
        {
            foreach (var kind in kinds.Split(' '))
            {
                var path = place.PathOf($"{format}-{kind}-{image[..3]}");
                (await place.StrataAsync("save", "-q", "--format", format, "--compression", kind, "-o", path, "app:v1")).Succeeded();
                var source = string.Format(null, image, path);
                var (config, layers) = await SkopeoSeesAsync(source);
                Assert.Equal(id, config);
                if (kind is "gzip" or "zstd" && !source.StartsWith("docker", StringComparison.Ordinal))
                {
                    Assert.Equal(["application/vnd.oci.image.layer.v1.tar+" + kind], layers);
                }
                var copy = path + "-copy";
                (await Command.RunAsync("skopeo", ["copy", "-q", source, $"oci:{copy}:again"])).Succeeded();
                (await place.StrataAsync("copy", $"oci:{copy}:again", "store:back:again")).Succeeded();
                Assert.Equal(id, await IdAsync(place, place.StoreRoot, "back:again"));
            }
        }
    }

    [Fact]
    public async Task What_skopeo_writes_is_loaded_and_copied_without_a_byte_changed()
    {
        Need("skopeo");
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("copy", $"store:{Workplace.Base}", $"oci:{place.PathOf("a")}:v1", "--compression", "gzip")).Succeeded();
        var id = await IdAsync(place, place.StoreRoot, Workplace.Base);
        (await Command.RunAsync("skopeo", ["copy", "-q", $"oci:{place.PathOf("a")}:v1", $"docker-archive:{place.PathOf("docker.tar")}:sk/app:v1"])).Succeeded();
        (await Command.RunAsync("skopeo", ["copy", "-q", $"oci:{place.PathOf("a")}:v1", $"oci-archive:{place.PathOf("oci.tar")}:sk/app:v2"])).Succeeded();
        Assert.Equal("Loaded image: sk/app:v1\n", (await place.StrataAsync("load", "-q", "-i", place.PathOf("docker.tar"))).Succeeded().Output);
        Assert.Equal("Loaded image: sk/app:v2\n", (await place.StrataAsync("load", "-q", "-i", place.PathOf("oci.tar"))).Succeeded().Output);
        Assert.Equal(id, await IdAsync(place, place.StoreRoot, "sk/app:v1"));
        Assert.Equal(id, await IdAsync(place, place.StoreRoot, "sk/app:v2"));

        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var digest = (await place.StrataAsync("copy", "-q", $"oci-archive:{place.PathOf("oci.tar")}:sk/app:v2", $"docker://{registry}/app:1")).Succeeded().LastLine;
        Assert.Equal(digest, (await Command.RunAsync("skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", $"docker://{registry}/app:1"])).Succeeded().LastLine);
        Assert.Equal(digest, (await place.StrataAsync("copy", "-q", $"docker://{registry}/app:1", $"docker://{registry}/other:2")).Succeeded().LastLine);
        Assert.Equal(digest, (await place.StrataAsync("copy", "-q", $"docker://{registry}/other:2", $"oci:{place.PathOf("b")}:x")).Succeeded().LastLine);
        await ShellAsync(place, $"diff -r {place.PathOf("a")}/blobs {place.PathOf("b")}/blobs");
    }

    [Fact]
    public async Task Buildah_and_podman_take_what_strata_saved_and_give_it_back()
    {
        Need("buildah");
        Need("podman");
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("tag", Workplace.Base, "app:v1")).Succeeded();
        var id = await IdAsync(place, place.StoreRoot, "app:v1");
        (await place.StrataAsync("save", "-q", "-o", place.PathOf("app.tar"), "app:v1")).Succeeded();
        string[] storage = ["--root", place.PathOf("c"), "--runroot", place.PathOf("run"), "--storage-driver", "vfs"];
        (await Command.RunAsync("podman", [.. storage, "load", "-q", "-i", place.PathOf("app.tar")])).Succeeded();
        var pulled = (await Command.RunAsync("buildah", [.. storage, "pull", "-q", $"docker-archive:{place.PathOf("app.tar")}"])).Succeeded();
        Assert.Contains(id["sha256:".Length..], pulled.Output, StringComparison.Ordinal);
        foreach (var format in new[] { "docker-archive", "oci-archive" })
        {
            var file = place.PathOf(format + ".tar");
            (await Command.RunAsync("podman", [.. storage, "save", "-q", "--format", format, "-o", file, "docker.io/library/app:v1"])).Succeeded();
            var root = place.PathOf(format);
            Assert.Equal("Loaded image: app:v1\n", (await place.StrataInAsync(root, "load", "-q", "-i", file)).Succeeded().Output);
            Assert.Equal(id, await IdAsync(place, root, "app:v1"));
        }
        (await place.StrataAsync("save", "-q", "--format", "oci-archive", "--compression", "zstd", "-o", place.PathOf("z.tar"), "app:v1")).Succeeded();
        (await Command.RunAsync("podman", [.. storage, "load", "-q", "-i", place.PathOf("z.tar")])).Succeeded();
    }

    [Fact]
    public async Task Umoci_sees_a_saved_folder_and_strata_sees_what_umoci_made_of_it()
    {
        Need("umoci");
        await using var place = await Workplace.OpenAsync();
        var layout = place.PathOf("layout");
        (await place.StrataAsync("copy", $"store:{Workplace.Base}", $"oci:{layout}:v1", "--compression", "gzip")).Succeeded();
        (await Command.RunAsync("umoci", ["config", "--image", $"{layout}:v1", "--tag", "v2", "--config.cmd", "/bin/true"])).Succeeded();
        Assert.Equal(["v1", "v2"], (await Command.RunAsync("umoci", ["ls", "--layout", layout])).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        (await place.StrataAsync("copy", $"oci:{layout}:v2", "store:changed:v2")).Succeeded();
        Assert.Contains("/bin/true", (await place.StrataAsync("inspect", "changed:v2")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_says_it_is_for_another_machine_is_run_with_a_warning()
    {
        Need("umoci");
        await using var place = await Workplace.OpenAsync();
        var layout = place.PathOf("layout");
        (await place.StrataAsync("copy", $"store:{Workplace.Base}", $"oci:{layout}:v1", "--compression", "gzip")).Succeeded();
        (await Command.RunAsync("umoci", ["config", "--image", $"{layout}:v1", "--architecture", "riscv64"])).Succeeded();
        (await place.StrataAsync("copy", $"oci:{layout}:v1", "store:other:v1")).Succeeded();
        Assert.Contains("warning: other:v1 is for linux/riscv64, and this machine is linux/", (await place.StrataAsync("run", "--rm", "other:v1", "true")).Succeeded().Error, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", (await place.StrataAsync("run", "--rm", Workplace.Base, "true")).Succeeded().Error, StringComparison.Ordinal);
    }

    // As many as the kernel stacks.
    [Fact]
    public async Task An_image_of_500_layers_is_built_saved_loaded_and_run()
    {
        await using var place = await Workplace.OpenAsync();
        var files = Enumerable.Range(1, 499).Select(number => ($"f{number}", $"{number}")).ToArray();
        var lines = string.Concat(files.Select(file => $"COPY {file.Item1} /d/\n"));
        var context = place.Context("deep", [("Dockerfile", $"FROM {Workplace.Base}\n{lines}"), .. files]);
        var id = (await place.StrataAsync("build", "-q", "-t", "deep:1", context)).Succeeded().Output;
        (await place.StrataAsync("save", "-q", "-o", place.PathOf("deep.tar"), "deep:1")).Succeeded();
        (await place.StrataInAsync(place.PathOf("other"), "load", "-q", "-i", place.PathOf("deep.tar"))).Succeeded();
        Assert.Equal(id, (await place.StrataInAsync(place.PathOf("other"), "images", "-q", "--no-trunc", "deep:1")).Succeeded().Output);
        var seen = await place.StrataInAsync(place.PathOf("other"), "run", "--rm", "deep:1", "sh", "-c", "ls /d | wc -l; cat /d/f1 /d/f499");
        Assert.Equal("499\n1499", seen.Succeeded().Output);
    }

    [Fact]
    public async Task What_fails_leaves_nothing_behind_and_says_why()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("save", "-o", place.PathOf("x.tar"), "nothing")).FailedSaying("nothing");
        (await place.StrataAsync("save", "-o", place.PathOf("no", "x.tar"), Workplace.Base)).FailedSaying("there is no folder");
        (await place.StrataAsync("save", "--format", "zip", "-o", place.PathOf("x.tar"), Workplace.Base)).FailedSaying("'zip'");
        (await place.StrataAsync("save", "--compression", "bzip2", "-o", place.PathOf("x.tar"), Workplace.Base)).FailedSaying("'bzip2'");
        (await place.StrataAsync("save", "--compression", "gzip", "--compression-level", "10", "-o", place.PathOf("x.tar"), Workplace.Base)).FailedSaying("level 10");
        (await place.StrataAsync("save", "-o", "/dev/full", Workplace.Base)).FailedSaying();
        (await place.StrataAsync("copy", $"store:{Workplace.Base}", "elsewhere")).FailedSaying("'elsewhere'", "docker://NAME");
        await File.WriteAllTextAsync(place.PathOf("text"), "no archive");
        (await place.StrataAsync("load", "-i", place.PathOf("text"))).FailedSaying("text");
        Assert.Equal(["store", "text"], Directory.GetFileSystemEntries(place.Folder).Select(Path.GetFileName).Order());
        (await place.StrataAsync("save", "-q", "-o", "/dev/null", Workplace.Base)).Succeeded();
    }
}

using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>Programs and servers nobody here wrote.</summary>
public sealed class ForeignClients
{
    private const string Dockerfile = $"""
        FROM {Workplace.Base}
        WORKDIR /app
        COPY a.txt /app/
        RUN echo from-run > b.txt && ln -s b.txt c && mkfifo /app/pipe && chown 1000:1000 a.txt
        ENTRYPOINT ["cat"]
        CMD ["/app/a.txt", "/app/c"]
        """;

    private static async Task<Workplace> WithImageAsync(string name)
    {
        var place = await Workplace.OpenAsync();
        var context = place.Context("app", ("Dockerfile", Dockerfile), ("a.txt", "from-context\n"));
        (await place.StrataAsync("build", "-t", name, context)).Succeeded();
        return place;
    }

    private static void Need(string program) => Assert.SkipUnless(Command.Exists(program), $"{program} is not installed");

    [Fact]
    public async Task Skopeo_copies_an_image_out_of_the_registry_and_back_without_a_byte_changed()
    {
        Need("skopeo");
        await using var place = await WithImageAsync("app");
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", "app", $"{registry}/team/app:1")).Succeeded();
        (await place.StrataAsync("push", $"{registry}/team/app:1")).Succeeded();
        var raw = (await Command.RunAsync("skopeo", ["inspect", "--raw", "--tls-verify=false", $"docker://{registry}/team/app:1"])).Succeeded().Output;
        (await Command.RunAsync("skopeo", ["copy", "-q", "--src-tls-verify=false", $"docker://{registry}/team/app:1", $"oci:{place.PathOf("layout")}:1"])).Succeeded();
        (await Command.RunAsync("skopeo", ["copy", "-q", "--dest-tls-verify=false", $"oci:{place.PathOf("layout")}:1", $"docker://{registry}/other/app:2"])).Succeeded();
        var back = (await Command.RunAsync("skopeo", ["inspect", "--raw", "--tls-verify=false", $"docker://{registry}/other/app:2"])).Succeeded().Output;
        Assert.Equal(raw, back);
        (await place.StrataAsync("pull", $"{registry}/other/app:2")).Succeeded();
        Assert.Equal("from-context\nfrom-run\n", (await place.StrataAsync("run", "--rm", $"{registry}/other/app:2")).Succeeded().Output);
    }

    [Fact]
    public async Task Umoci_unpacks_what_strata_built()
    {
        Need("skopeo");
        Need("umoci");
        await using var place = await WithImageAsync("app");
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", "app", $"{registry}/app:1")).Succeeded();
        (await place.StrataAsync("push", $"{registry}/app:1")).Succeeded();
        (await Command.RunAsync("skopeo", ["copy", "-q", "--src-tls-verify=false", $"docker://{registry}/app:1", $"oci:{place.PathOf("layout")}:1"])).Succeeded();
        (await Command.RunAsync("umoci", ["unpack", "--image", $"{place.PathOf("layout")}:1", place.PathOf("bundle")])).Succeeded();
        Assert.Equal("from-run\n", File.ReadAllText(place.PathOf("bundle", "rootfs", "app", "c")));
    }

    [Fact]
    public async Task Buildah_runs_what_strata_built_and_strata_runs_what_buildah_built()
    {
        Need("buildah");
        await using var place = await WithImageAsync("app");
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", "app", $"{registry}/app:1")).Succeeded();
        (await place.StrataAsync("push", $"{registry}/app:1")).Succeeded();
        string[] storage = ["--root", place.PathOf("buildah"), "--runroot", place.PathOf("buildah-run"), "--storage-driver", "vfs"];
        var container = (await Command.RunAsync("buildah", [.. storage, "from", "-q", "--tls-verify=false", $"{registry}/app:1"])).Succeeded().LastLine;
        var run = (await Command.RunAsync("buildah", [.. storage, "run", "--isolation", "chroot", container, "--", "cat", "/app/a.txt", "/app/c"])).Succeeded();
        Assert.Equal("from-context\nfrom-run\n", run.Output);
        (await Command.RunAsync("buildah", [.. storage, "config", "--cmd", "cat /app/d", "--entrypoint", "[]", container])).Succeeded();
        (await Command.RunAsync("buildah", [.. storage, "run", "--isolation", "chroot", container, "--", "sh", "-c", "echo by-buildah > /app/d; rm /app/a.txt"])).Succeeded();
        (await Command.RunAsync("buildah", [.. storage, "commit", "-q", "--tls-verify=false", container, $"docker://{registry}/foreign:1"])).Succeeded();
        Assert.Equal("by-buildah\n", (await place.StrataAsync("run", "--rm", $"{registry}/foreign:1")).Succeeded().Output);
        (await place.StrataAsync("run", "--rm", $"{registry}/foreign:1", "test", "-e", "/app/a.txt")).FailedSaying();
        (await Command.RunAsync("buildah", [.. storage, "rm", "-a"])).Succeeded();
    }

    [Fact]
    public async Task Distribution_with_passwords_takes_and_gives_images()
    {
        await using var place = await WithImageAsync("app");
        var registry = await RegistryProcess.StartDistributionAsync(place);
        var name = $"{registry}/team/app:1";
        (await place.StrataAsync("tag", "app", name)).Succeeded();
        (await place.StrataAsync("push", name)).FailedSaying("strata login");
        (await Command.RunAsync(Workplace.Executable, ["login", "-u", "alice", "--password-stdin", registry], place.Environment(place.StoreRoot), input: "wrong")).FailedSaying(registry);
        (await Command.RunAsync(Workplace.Executable, ["login", "-u", "alice", "--password-stdin", registry], place.Environment(place.StoreRoot), input: "secret\n")).Succeeded();
        (await place.StrataAsync("push", name)).Succeeded();
        Assert.Equal("1\n", (await place.StrataAsync("tags", "-q", $"{registry}/team/app")).Succeeded().Output);
        var id = (await place.StrataAsync("images", "-q", "--no-trunc", "app")).LastLine;
        (await place.StrataAsync("rmi", "app", name)).Succeeded();
        (await place.StrataAsync("pull", name)).Succeeded();
        Assert.Equal(id, (await place.StrataAsync("images", "-q", "--no-trunc", name)).LastLine);
        Assert.Equal("from-context\nfrom-run\n", (await place.StrataAsync("run", "--rm", name)).Succeeded().Output);
        (await place.StrataAsync("logout", registry)).Succeeded();
        (await place.StrataAsync("pull", name)).FailedSaying("login");
    }

    [Fact]
    public async Task An_image_is_pulled_run_and_built_on_by_its_digest_and_the_tag_beside_it_is_only_a_remark()
    {
        await using var place = await WithImageAsync("app:v1");
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", "app:v1", $"{registry}/app:1")).Succeeded();
        var digest = (await place.StrataAsync("push", "-q", $"{registry}/app:1")).Succeeded().LastLine;
        (await place.StrataAsync("rmi", "app:v1", $"{registry}/app:1")).Succeeded();
        var name = $"{registry}/app:whatever@{digest}";
        (await place.StrataAsync("pull", name)).Succeeded();
        Assert.StartsWith("from-context", (await place.StrataAsync("run", "--rm", name)).Succeeded().Output, StringComparison.Ordinal);
        var context = place.Context("on-digest", ("Dockerfile", $"FROM {name}\nRUN echo more > /more\n"));
        (await place.StrataAsync("build", context)).Succeeded();
        Assert.DoesNotContain("whatever", (await place.StrataAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Output, StringComparison.Ordinal);
        (await place.StrataAsync("pull", $"{registry}/app@sha256:{new string('0', 64)}")).FailedSaying("there is no");
    }

    [Fact]
    public async Task A_second_push_moves_nothing_and_a_tag_goes_back_where_it_was()
    {
        await using var place = await WithImageAsync("app:v1");
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        File.WriteAllText(place.PathOf("app", "a.txt"), "newer\n");
        (await place.StrataAsync("build", "-t", "app:v2", place.PathOf("app"))).Succeeded();
        foreach (var version in new[] { "v1", "v2" })
        {
            (await place.StrataAsync("tag", $"app:{version}", $"{registry}/app:latest")).Succeeded();
            (await place.StrataAsync("push", $"{registry}/app:latest")).Succeeded();
        }
        var again = (await place.StrataAsync("push", $"{registry}/app:latest")).Succeeded();
        Assert.DoesNotContain(" done", again.Output + again.Error, StringComparison.Ordinal);
        (await place.StrataAsync("tags", "rollback", $"{registry}/app:latest")).Succeeded();
        (await place.StrataAsync("rmi", $"{registry}/app:latest")).Succeeded();
        Assert.StartsWith("from-context", (await place.StrataAsync("run", "--rm", $"{registry}/app:latest")).Succeeded().Output, StringComparison.Ordinal);
        using var list = JsonDocument.Parse((await place.StrataAsync("tags", "--format", "json", $"{registry}/app")).Succeeded().Output);
        Assert.Equal("latest", list.RootElement.EnumerateArray().Single().GetProperty("Tag").GetString());
    }
}

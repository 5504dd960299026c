using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>Images to and from dockerd, through archives and registries.</summary>
public sealed class Docker
{
    /// <summary>The digest that docker says at the end of a pull ("Digest: …") or a push ("1: digest: … size: …").</summary>
    private static string DigestIn(CommandResult result) =>
        result.Output.Split((char[])[' ', '\n']).Single(word => word.StartsWith("sha256:", StringComparison.Ordinal));

    [Fact]
    public async Task What_strata_saved_docker_loads_and_runs_and_what_docker_built_on_it_comes_back()
    {
        UnpackedClients.PathOf("dockerd");
        await using var place = await Workplace.OpenAsync();
        var app = await RoundTrip.BuildAsync(place, "app");
        var dockerfile = $"FROM {Workplace.Base}\nRUN echo other > /other\nCMD [\"cat\", \"/other\"]\n";
        var context = place.Context("other", ("Dockerfile", dockerfile));
        var other = (await place.StrataAsync("build", "-q", "-t", "reg.example/other:v1", context)).Succeeded().LastLine;
        (await place.StrataAsync("tag", "app", "app:v2")).Succeeded();
        string[] names = ["app:latest", "app:v2", "reg.example/other:v1"];
        await using (var daemon = await DockerDaemon.StartAsync(place))
        {
            foreach (var kind in new[] { "gzip", "keep" })
            {
                var saved = place.PathOf(kind + ".tar");
                (await place.StrataAsync(["save", "-q", "--compression", kind, "-o", saved, .. names])).Succeeded();
                var loaded = (await daemon.DockerAsync("load", "-i", saved)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                Assert.Equal(names.Select(name => "Loaded image: " + name), loaded.Order());
                Assert.Equal(app, await daemon.IdAsync("app:latest"));
                Assert.Equal(app, await daemon.IdAsync("app:v2"));
                Assert.Equal(other, await daemon.IdAsync("reg.example/other:v1"));
                Assert.Equal(RoundTrip.Prints, (await daemon.DockerAsync("run", "--rm", "--network", "none", "app:v2")).Output);
                if (kind == "gzip")
                {
                    await daemon.DockerAsync(["rmi", .. names]);
                }
            }

            // Three ways to make an image, in one archive; layers of one image that another has too are links there.
            context = place.Context("by-docker", ("Dockerfile", """
                FROM app:v2
                RUN rm hard && echo by-docker > by
                ENTRYPOINT []
                CMD cat by; test ! -e hard
                """));
            await daemon.DockerAsync("build", "-q", "--network", "none", "-t", "built:1", context);
            string[] change = ["--entrypoint", "sh", "app:v2", "-c", "echo committed > /app/hard"];
            await daemon.DockerAsync(["run", "--name", "changed", "--network", "none", .. change]);
            string[] program = ["-c", "ENTRYPOINT [\"cat\"]", "-c", "CMD [\"/app/a.txt\", \"/app/c\"]"];
            await daemon.DockerAsync(["commit", .. program, "changed", "reg.example/committed:1"]);
            await daemon.DockerAsync("rm", "changed");
            place.Context("tree", ("hello", "imported\n"));
            (await Command.RunAsync("tar", ["-C", place.PathOf("tree"), "-cf", place.PathOf("tree.tar"), "hello"])).Succeeded();
            await daemon.DockerAsync("import", place.PathOf("tree.tar"), "imported:1");
            string[] made = ["built:1", "reg.example/committed:1", "imported:1", "app:v2"];
            await daemon.DockerAsync(["save", "-o", place.PathOf("docker.tar"), .. made]);
            var root = place.PathOf("store-of-docker-s");
            Assert.Equal(made.Order(), await RoundTrip.LoadAsync(place, root, place.PathOf("docker.tar")));
            foreach (var name in made)
            {
                Assert.Equal(await daemon.IdAsync(name), await RoundTrip.IdAsync(place, root, name));
            }
            Assert.Equal(app, await RoundTrip.IdAsync(place, root, "app:v2"));
            Assert.Equal("by-docker\n", await RoundTrip.RunAsync(place, root, "built:1"));
            Assert.Equal("committed\nfrom-run\n", await RoundTrip.RunAsync(place, root, "reg.example/committed:1"));
            (await place.StrataInAsync(root, "system", "verify")).Succeeded();

            // And once more into docker, which finds all of it there.
            (await place.StrataInAsync(root, ["save", "-q", "-o", place.PathOf("again.tar"), .. made])).Succeeded();
            await daemon.DockerAsync("load", "-i", place.PathOf("again.tar"));
            Assert.Equal(await RoundTrip.IdAsync(place, root, "built:1"), await daemon.IdAsync("built:1"));
        }
        await Remains.AssertNoneAsync(place, place.PathOf("docker"));
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", Path.GetFileName(place.Folder), SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(RegistryProcess.Own)]
    [InlineData(RegistryProcess.Distribution)]
    public async Task What_docker_pushed_strata_pulls_and_the_other_way_round_with_the_digests_that_docker_says(string whose)
    {
        UnpackedClients.PathOf("dockerd");
        await using var place = await Workplace.OpenAsync();
        var app = await RoundTrip.BuildAsync(place, "app");
        var registry = await RegistryProcess.StartLoggedInAsync(place, whose);
        await using var daemon = await DockerDaemon.StartAsync(place);

        var name = $"{registry}/team/app:1";
        var digest = await RoundTrip.PushAsync(place, "app", name);
        Assert.Equal(digest, DigestIn(await daemon.DockerAsync("pull", name)));
        Assert.Equal(app, await daemon.IdAsync(name));
        await daemon.DockerAsync("pull", $"{registry}/team/app@{digest}");

        var dockerfile = $"FROM {name}\nENTRYPOINT []\nRUN echo by-docker > by\nCMD [\"cat\", \"by\"]\n";
        var context = place.Context("by-docker", ("Dockerfile", dockerfile));
        var built = $"{registry}/docker/app:2";
        await daemon.DockerAsync("build", "-q", "--network", "none", "-t", built, context);
        var pushed = DigestIn(await daemon.DockerAsync("push", built));
        (await place.StrataAsync("pull", "-q", built)).Succeeded();
        Assert.Equal(await daemon.IdAsync(built), await RoundTrip.IdAsync(place, place.StoreRoot, built));
        Assert.Equal(pushed, await RoundTrip.ManifestAsync(place, place.StoreRoot, built));
        Assert.Equal("by-docker\n", await RoundTrip.RunAsync(place, place.StoreRoot, built));

        // A manifest of docker's kind stays what it is on every way, and docker finds the image to be the one it has.
        string[] places =
        [
            $"docker://{built}", $"oci:{place.PathOf("layout")}:2", $"docker-archive:{place.PathOf("app.tar")}:{registry}/copied/app:3",
            $"docker://{registry}/copied/app:4",
        ];
        foreach (var (from, to) in places.Zip(places.Skip(1)))
        {
            Assert.Equal(pushed, await RoundTrip.CopyAsync(place, from, to));
        }
        Assert.Equal(pushed, DigestIn(await daemon.DockerAsync("pull", $"{registry}/copied/app:4")));
        await daemon.DockerAsync("load", "-i", place.PathOf("app.tar"));
        Assert.Equal(await daemon.IdAsync(built), await daemon.IdAsync($"{registry}/copied/app:3"));
        Assert.Equal(await daemon.IdAsync(built), await daemon.IdAsync($"{registry}/copied/app:4"));
        (await place.StrataAsync("push", "-q", built)).Succeeded();
        using var manifest = JsonDocument.Parse((await place.StrataAsync("inspect", "--raw", "--remote", built)).Succeeded().Output);
        Assert.Equal("application/vnd.docker.distribution.manifest.v2+json", manifest.RootElement.GetProperty("mediaType").GetString());
    }
}

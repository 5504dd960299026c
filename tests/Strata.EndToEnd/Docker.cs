using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>Images to and from dockerd, through archives and registries.</summary>
public sealed class Docker
{
    private static string Sentence(string output, string begin) => output.Split('\n').First(line => line.Contains(begin, StringComparison.Ordinal)).Split(begin)[1].Split(' ')[0];

    [Fact]
    public async Task What_strata_saved_docker_loads_and_runs_and_what_docker_built_on_it_comes_back()
    {
        UnpackedClients.PathOf("dockerd");
        await using var place = await Workplace.OpenAsync();
        var app = await RoundTrip.BuildAsync(place, "app");
        var other = place.Context("other", ("Dockerfile", $"FROM {Workplace.Base}\nRUN echo other > /other\nCMD [\"cat\", \"/other\"]\n"));
        (await place.StrataAsync("build", "-q", "-t", "reg.example/other:v1", other)).Succeeded();
        (await place.StrataAsync("tag", "app", "app:v2")).Succeeded();
        await using (var daemon = await DockerDaemon.StartAsync(place))
        {
            foreach (var kind in new[] { "gzip", "keep" })
            {
                var saved = place.PathOf(kind + ".tar");
                (await place.StrataAsync("save", "-q", "--compression", kind, "-o", saved, "app:latest", "app:v2", "reg.example/other:v1")).Succeeded();
                Assert.Equal(
                    ["Loaded image: app:latest", "Loaded image: app:v2", "Loaded image: reg.example/other:v1"],
                    (await daemon.DockerAsync("load", "-i", saved)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
                Assert.Equal(app, await daemon.IdAsync("app:latest"));
                Assert.Equal(app, await daemon.IdAsync("app:v2"));
                Assert.Equal(await RoundTrip.IdAsync(place, place.StoreRoot, "reg.example/other:v1"), await daemon.IdAsync("reg.example/other:v1"));
                Assert.Equal(RoundTrip.Prints, (await daemon.DockerAsync("run", "--rm", "--network", "none", "app:v2")).Output);
                if (kind == "gzip")
                {
                    await daemon.DockerAsync("rmi", "app:latest", "app:v2", "reg.example/other:v1");
                }
            }

            // Three ways to make an image, in one archive; layers of one image that another has too are links there.
            var context = place.Context("by-docker", ("Dockerfile", "FROM app:v2\nRUN rm hard && echo by-docker > by\nENTRYPOINT []\nCMD cat by; test ! -e hard\n"));
            await daemon.DockerAsync("build", "-q", "--network", "none", "-t", "built:1", context);
            await daemon.DockerAsync("run", "--name", "changed", "--network", "none", "--entrypoint", "sh", "app:v2", "-c", "echo committed > /app/hard");
            await daemon.DockerAsync("commit", "-c", "ENTRYPOINT [\"cat\"]", "-c", "CMD [\"/app/a.txt\", \"/app/c\"]", "changed", "reg.example/committed:1");
            await daemon.DockerAsync("rm", "changed");
            place.Context("tree", ("hello", "imported\n"));
            (await Command.RunAsync("tar", ["-C", place.PathOf("tree"), "-cf", place.PathOf("tree.tar"), "hello"])).Succeeded();
            await daemon.DockerAsync("import", place.PathOf("tree.tar"), "imported:1");
            string[] made = ["built:1", "reg.example/committed:1", "imported:1", "app:v2"];
            await daemon.DockerAsync(["save", "-o", place.PathOf("docker.tar"), .. made]);
            var root = place.PathOf("store-of-docker-s");
            Assert.Equal(made.Select(name => "Loaded image: " + name).Order(), (await place.StrataInAsync(root, "load", "-q", "-i", place.PathOf("docker.tar"))).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
            foreach (var name in made)
            {
                Assert.Equal(await daemon.IdAsync(name), await RoundTrip.IdAsync(place, root, name));
            }
            Assert.Equal(app, await RoundTrip.IdAsync(place, root, "app:v2"));
            Assert.Equal("by-docker\n", (await place.StrataInAsync(root, "run", "--rm", "built:1")).Succeeded().Output);
            Assert.Equal("committed\nfrom-run\n", (await place.StrataInAsync(root, "run", "--rm", "reg.example/committed:1")).Succeeded().Output);
            (await place.StrataInAsync(root, "system", "verify")).Succeeded();

            // And once more into docker, which finds all of it there.
            (await place.StrataInAsync(root, ["save", "-q", "-o", place.PathOf("again.tar"), .. made])).Succeeded();
            await daemon.DockerAsync("load", "-i", place.PathOf("again.tar"));
            Assert.Equal(await RoundTrip.IdAsync(place, root, "built:1"), await daemon.IdAsync("built:1"));
        }
        await Remains.AssertNoneAsync(place, place.PathOf("docker"));
        Assert.DoesNotContain(Directory.GetDirectories("/sys/fs/cgroup"), path => path.EndsWith(Path.GetFileName(place.Folder), StringComparison.Ordinal));
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
        Assert.Equal(digest, Sentence((await daemon.DockerAsync("pull", name)).Output, "Digest: "));
        Assert.Equal(app, await daemon.IdAsync(name));
        await daemon.DockerAsync("pull", $"{registry}/team/app@{digest}");

        var context = place.Context("by-docker", ("Dockerfile", $"FROM {name}\nENTRYPOINT []\nRUN echo by-docker > by\nCMD [\"cat\", \"by\"]\n"));
        var built = $"{registry}/docker/app:2";
        await daemon.DockerAsync("build", "-q", "--network", "none", "-t", built, context);
        var pushed = Sentence((await daemon.DockerAsync("push", built)).Output, "digest: ");
        (await place.StrataAsync("pull", "-q", built)).Succeeded();
        Assert.Equal(await daemon.IdAsync(built), await RoundTrip.IdAsync(place, place.StoreRoot, built));
        Assert.Equal(pushed, RoundTrip.DigestOf((await place.StrataAsync("inspect", "--raw", built)).Succeeded().Output));
        Assert.Equal("by-docker\n", (await place.StrataAsync("run", "--rm", built)).Succeeded().Output);

        // A manifest of docker's kind stays what it is on every way, and docker finds the image to be the one it has.
        string[] places = [$"docker://{built}", $"oci:{place.PathOf("layout")}:2", $"docker-archive:{place.PathOf("app.tar")}:{registry}/copied/app:3", $"docker://{registry}/copied/app:4"];
        foreach (var (from, to) in places.Zip(places.Skip(1)))
        {
            Assert.Equal(pushed, await RoundTrip.CopyAsync(place, from, to));
        }
        Assert.Equal(pushed, Sentence((await daemon.DockerAsync("pull", $"{registry}/copied/app:4")).Output, "Digest: "));
        await daemon.DockerAsync("load", "-i", place.PathOf("app.tar"));
        Assert.Equal(await daemon.IdAsync(built), await daemon.IdAsync($"{registry}/copied/app:3"));
        Assert.Equal(await daemon.IdAsync(built), await daemon.IdAsync($"{registry}/copied/app:4"));
        (await place.StrataAsync("push", "-q", built)).Succeeded();
        using var manifest = JsonDocument.Parse((await place.StrataAsync("inspect", "--raw", "--remote", built)).Succeeded().Output);
        Assert.Equal("application/vnd.docker.distribution.manifest.v2+json", manifest.RootElement.GetProperty("mediaType").GetString());
    }
}

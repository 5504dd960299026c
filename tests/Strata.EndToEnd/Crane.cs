namespace Strata.EndToEnd;

/// <summary>Images to and from crane, through registries, tarballs and layouts.</summary>
public sealed class Crane
{
    private static async Task<CommandResult> RunAsync(Workplace place, params string[] arguments) =>
        (await Command.RunAsync(UnpackedClients.PathOf("crane"), arguments, place.Environment(place.StoreRoot))).Succeeded();

    private static async Task<string> CraneAsync(Workplace place, params string[] arguments) =>
        (await RunAsync(place, arguments)).Output.Trim();

    /// <summary>crane says where it pushed as name@digest.</summary>
    private static async Task<string> PushedAsync(Workplace place, params string[] arguments) =>
        (await CraneAsync(place, arguments)).Split('@')[^1];

    [Theory]
    [InlineData(RegistryProcess.Own)]
    [InlineData(RegistryProcess.Distribution)]
    public async Task What_strata_pushed_crane_checks_pulls_copies_and_pushes_back_without_a_byte_changed(string whose)
    {
        UnpackedClients.PathOf("crane");
        await using var place = await Workplace.OpenAsync();
        var id = await RoundTrip.BuildAsync(place, "app");
        var registry = await RegistryProcess.StartLoggedInAsync(place, whose);
        var name = $"{registry}/team/app:1";
        var digest = await RoundTrip.PushAsync(place, "app", name);
        Assert.Equal(digest, await CraneAsync(place, "digest", name));
        Assert.Equal(digest, RoundTrip.DigestOf((await RunAsync(place, "manifest", name)).Output));
        Assert.Equal(id, RoundTrip.DigestOf((await RunAsync(place, "config", name)).Output));
        Assert.Equal("1", await CraneAsync(place, "ls", $"{registry}/team/app"));
        await CraneAsync(place, "validate", "--remote", name);

        // Both of its tarballs; the older form has layers as docker saves them.
        foreach (var format in new[] { "tarball", "legacy" })
        {
            var (file, root) = (place.PathOf(format), place.PathOf("store-" + format));
            await CraneAsync(place, "pull", "--format", format, name, file);
            Assert.Equal([name], await RoundTrip.LoadAsync(place, root, file));
            Assert.Equal(id, await RoundTrip.IdAsync(place, root, name));
            Assert.Equal(RoundTrip.Prints, await RoundTrip.RunAsync(place, root, name));
            (await place.StrataInAsync(root, "system", "verify")).Succeeded();
        }

        var layout = place.PathOf("layout");
        await CraneAsync(place, "pull", "--format", "oci", name, layout);
        Assert.Equal(digest, await RoundTrip.CopyAsync(place, $"oci:{layout}", $"docker://{registry}/back/strata:1"));
        Assert.Equal(digest, await PushedAsync(place, "push", layout, $"{registry}/back/crane:1"));
        await CraneAsync(place, "copy", name, $"{registry}/copied/app:2");
        Assert.Equal(digest, await CraneAsync(place, "digest", $"{registry}/copied/app:2"));
        (await place.StrataInAsync(place.PathOf("other"), "pull", "-q", $"{registry}/copied/app:2")).Succeeded();
        Assert.Equal(digest, await RoundTrip.ManifestAsync(place, place.PathOf("other"), $"{registry}/copied/app:2"));

        await CraneAsync(place, "delete", $"{registry}/back/crane@{digest}");
        (await place.StrataAsync("pull", $"{registry}/back/crane:1")).FailedSaying("there is no", "back/crane:1");
    }

    [Fact]
    public async Task What_strata_saved_is_whole_to_crane_and_pushed_by_it_with_the_same_digests()
    {
        UnpackedClients.PathOf("crane");
        await using var place = await Workplace.OpenAsync();
        var id = await RoundTrip.BuildAsync(place, "app");
        var registry = await RegistryProcess.StartLoggedInAsync(place, RegistryProcess.Own);
        foreach (var kind in new[] { "keep", "gzip" })
        {
            var (file, folder) = (place.PathOf(kind + ".tar"), place.PathOf(kind));
            (await place.StrataAsync("save", "-q", "--compression", kind, "-o", file, "app")).Succeeded();
            await CraneAsync(place, "validate", "--tarball", file);
            await CraneAsync(place, "push", file, $"{registry}/tarball/{kind}:1");
            Assert.Equal(id, RoundTrip.DigestOf((await RunAsync(place, "config", $"{registry}/tarball/{kind}:1")).Output));

            var saved = await RoundTrip.CopyAsync(place, "store:app", $"oci:{folder}:1", "--compression", kind);
            Assert.Equal(saved, await PushedAsync(place, "push", folder, $"{registry}/layout/{kind}:1"));
            if (kind == "gzip")
            {
                // It takes every layer of a registry for gzip.
                await CraneAsync(place, "validate", "--remote", $"{registry}/layout/{kind}:1");
            }
        }
    }

    [Fact]
    public async Task What_crane_made_of_an_image_strata_runs()
    {
        UnpackedClients.PathOf("crane");
        await using var place = await Workplace.OpenAsync();
        await RoundTrip.BuildAsync(place, "app");
        var registry = await RegistryProcess.StartLoggedInAsync(place, RegistryProcess.Own);
        var app = $"{registry}/app";
        await RoundTrip.PushAsync(place, "app", $"{app}:1");
        place.Context("more", ("added.txt", "by-crane\n"));
        (await Command.RunAsync("tar", ["-C", place.PathOf("more"), "-cf", place.PathOf("more.tar"), "added.txt"])).Succeeded();

        await CraneAsync(place, "append", "-b", $"{app}:1", "-f", place.PathOf("more.tar"), "-t", $"{app}:appended");
        Assert.Equal("by-crane\n", await RoundTrip.RunAsync(place, place.StoreRoot, $"{app}:appended", "/added.txt"));
        await CraneAsync(place, "mutate", $"{app}:1", "--label", "made=by-crane", "--cmd", "/app/b.txt", "-t", $"{app}:mutated");
        Assert.Equal("from-run\n", await RoundTrip.RunAsync(place, place.StoreRoot, $"{app}:mutated"));
        var label = await place.StrataAsync("inspect", "-f", "{{index .Config.Labels \"made\"}}", $"{app}:mutated");
        Assert.Equal("by-crane\n", label.Succeeded().Output);
        await CraneAsync(place, "flatten", $"{app}:1", "-t", $"{app}:flat");
        Assert.Equal(RoundTrip.Prints, await RoundTrip.RunAsync(place, place.StoreRoot, $"{app}:flat"));
        foreach (var tag in new[] { "appended", "mutated", "flat" })
        {
            var id = await RoundTrip.IdAsync(place, place.StoreRoot, $"{app}:{tag}");
            Assert.Equal(id, RoundTrip.DigestOf((await RunAsync(place, "config", $"{app}:{tag}")).Output));
        }
        (await place.StrataAsync("system", "verify")).Succeeded();
    }

    [Fact]
    public async Task An_index_for_several_platforms_goes_through_every_place_unharmed()
    {
        UnpackedClients.PathOf("crane");
        await using var place = await Workplace.OpenAsync();
        await RoundTrip.BuildAsync(place, "app");
        var own = await RegistryProcess.StartLoggedInAsync(place, RegistryProcess.Own);
        var other = await RegistryProcess.StartLoggedInAsync(place, RegistryProcess.Distribution);
        await RoundTrip.PushAsync(place, "app", $"{own}/app:amd64");
        await CraneAsync(place, "mutate", $"{own}/app:amd64", "--set-platform", "linux/arm64", "-t", $"{own}/app:arm64");
        var index = await PushedAsync(place, "index", "append", "-m", $"{own}/app:amd64", "-m", $"{own}/app:arm64", "-t", $"{own}/app:all");
        var arm = await CraneAsync(place, "digest", $"{own}/app:arm64");

        await CraneAsync(place, "copy", $"{own}/app:all", $"{other}/crane/app:all");
        string[] places =
        [
            $"docker://{other}/crane/app:all", $"oci:{place.PathOf("layout")}:all", $"docker://{own}/again/app:all",
            $"oci-archive:{place.PathOf("oci.tar")}:all", "store:app:all", $"docker-archive:{place.PathOf("docker.tar")}:app:all",
            $"docker://{other}/last/app:all",
        ];
        foreach (var (from, to) in places.Zip(places.Skip(1)))
        {
            Assert.Equal(index, await RoundTrip.CopyAsync(place, "--all", from, to));
        }
        await CraneAsync(place, "validate", "--remote", $"{other}/last/app:all");
        Assert.Equal(index, await CraneAsync(place, "digest", $"{other}/last/app:all"));
        Assert.Equal(arm, await CraneAsync(place, "digest", "--platform", "linux/arm64", $"{other}/last/app:all"));

        await CraneAsync(place, "pull", "--format", "oci", $"{other}/last/app:all", place.PathOf("pulled"));
        Assert.Equal(index, await RoundTrip.CopyAsync(place, "--all", $"oci:{place.PathOf("pulled")}", $"docker://{own}/pulled/app:all"));
    }
}

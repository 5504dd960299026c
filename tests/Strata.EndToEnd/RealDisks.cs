using System.Security.Cryptography;

namespace Strata.EndToEnd;

/// <summary>Disks that are full, read-only or broken in earnest: small tmpfs, one remounted read-only, an ext4 on a tmpfs too small for it.</summary>
public sealed class RealDisks
{
    private const int LayerSize = 6_000_000;

    [Fact]
    public async Task A_store_on_a_disk_that_is_too_small_takes_nothing_half_and_all_when_there_is_room()
    {
        await using var place = await Workplace.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var tar = Tars.Make(place, "large", LayerSize);
        (await place.StrataAsync("import", tar, $"{registry}/large:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/large:1")).Succeeded();
        (await place.StrataAsync("save", "-q", "-o", place.PathOf("large.archive"), $"{registry}/large:1")).Succeeded();
        var context = place.Context("context", ("Dockerfile", "FROM scratch\nCOPY . /\n"));
        File.Copy(tar, Path.Combine(context, "large"));
        foreach (var arguments in new string[][]
        {
            ["import", tar, "localhost/large:1"],
            ["pull", "-q", $"{registry}/large:1"],
            ["load", "-q", "-i", place.PathOf("large.archive")],
            ["copy", "-q", $"docker://{registry}/large:1", "store:localhost/copied:1"],
            ["build", "-q", "-t", "localhost/built:1", context],
        })
        {
            await using var disk = await SmallDisk.TmpfsAsync(place, "small", "5m");
            var store = disk.PathOf("store");
            var failed = (await place.StrataInAsync(store, arguments)).FailedSaying("full");
            DiskFaults.AssertClear(failed, arguments[0]);
            Assert.Empty((await place.StrataInAsync(store, "images", "-q")).Succeeded().Output);
            Assert.Empty(Remains.Temporaries(store));
            await disk.RemountAsync("size=64m");
            (await place.StrataInAsync(store, arguments)).Succeeded();
            (await place.StrataInAsync(store, "system", "verify")).Succeeded();
        }
    }

    [Fact]
    public async Task An_archive_that_does_not_fit_leaves_the_older_one_whole()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("import", Tars.Make(place, "large", LayerSize), "localhost/large:1")).Succeeded();
        await using var disk = await SmallDisk.TmpfsAsync(place, "small", "5m");
        var archive = disk.PathOf("x.tar");
        (await place.StrataAsync("save", "-q", "-o", archive, Workplace.Base)).Succeeded();
        var older = SHA256.HashData(await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken));
        foreach (var (destination, arguments) in new (string, string[])[]
        {
            (archive, ["save", "-q", "-o", archive, "localhost/large:1"]),
            (archive, ["copy", "-q", "store:localhost/large:1", $"oci-archive:{archive}:x"]),
            (disk.PathOf("layout"), ["save", "-q", "--format", "oci-dir", "-o", disk.PathOf("layout"), "localhost/large:1"]),
            (disk.PathOf("layout"), ["copy", "-q", "store:localhost/large:1", $"oci:{disk.PathOf("layout")}:x"]),
        })
        {
            var failed = (await place.StrataAsync(arguments)).FailedSaying("full", destination);
            DiskFaults.AssertClear(failed, arguments[0]);
            Assert.Equal([archive], Directory.GetFileSystemEntries(disk.Path));
            Assert.Equal(older, SHA256.HashData(await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken)));
        }
        await disk.RemountAsync("size=64m");
        (await place.StrataAsync("save", "-q", "-o", archive, "localhost/large:1")).Succeeded();
        (await place.StrataAsync("copy", "-q", "store:localhost/large:1", $"oci:{disk.PathOf("layout")}:x")).Succeeded();
    }

    [Fact]
    public async Task What_is_read_only_is_said_to_be_and_works_again_when_it_is_not()
    {
        await using var place = await Workplace.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var tar = Tars.Make(place, "victim");
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/base:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/base:1")).Succeeded();
        (await place.StrataAsync("save", "-q", "-o", place.PathOf("base.archive"), Workplace.Base)).Succeeded();
        var context = place.Context("context", ("Dockerfile", "FROM scratch\nCOPY . /\n"), ("a", "a"));
        await using var disk = await SmallDisk.TmpfsAsync(place, "fixed", "64m");
        var store = disk.PathOf("store");
        (await place.StrataInAsync(store, "import", tar, "localhost/there:1")).Succeeded();
        await disk.RemountAsync("ro");
        (await place.StrataInAsync(store, "images")).Succeeded();
        string[][] inStore =
        [
            ["import", tar, "localhost/victim:1"],
            ["build", "-q", "-t", "localhost/built:1", context],
            ["pull", "-q", $"{registry}/base:1"],
            ["load", "-q", "-i", place.PathOf("base.archive")],
            ["copy", "-q", $"docker-archive:{place.PathOf("base.archive")}", "store:localhost/copied:1"],
            ["tag", "localhost/there:1", "localhost/further:1"],
            ["rmi", "-f", "localhost/there:1"],
            ["prune", "-a", "-f"],
        ];
        string[][] elsewhere =
        [
            ["save", "-q", "-o", disk.PathOf("x.tar"), Workplace.Base],
            ["save", "-q", "--format", "oci-dir", "-o", disk.PathOf("layout"), Workplace.Base],
            ["copy", "-q", $"store:{Workplace.Base}", $"oci:{disk.PathOf("copied")}:x"],
            ["copy", "-q", $"store:{Workplace.Base}", $"oci-archive:{disk.PathOf("copied.tar")}:x"],
            ["build", "-q", "--iidfile", disk.PathOf("iid"), context],
        ];
        foreach (var arguments in inStore)
        {
            DiskFaults.AssertClear((await place.StrataInAsync(store, arguments)).FailedSaying("read-only"), arguments[0]);
        }
        foreach (var arguments in elsewhere)
        {
            DiskFaults.AssertClear((await place.StrataAsync(arguments)).FailedSaying("read-only", disk.Path), arguments[0]);
        }
        await disk.RemountAsync("rw");
        foreach (var arguments in inStore)
        {
            (await place.StrataInAsync(store, arguments)).Succeeded();
        }
        foreach (var arguments in elsewhere)
        {
            (await place.StrataAsync(arguments)).Succeeded();
        }
        Assert.Empty(Remains.Temporaries(disk.Path));
    }

    [Fact]
    public async Task A_disk_whose_sync_fails_acknowledges_nothing()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("import", Tars.Make(place, "large", 2 * LayerSize), "localhost/large:1")).Succeeded();
        await using var below = await SmallDisk.TmpfsAsync(place, "below", "8m");
        await using var disk = await SmallDisk.SparseExt4Async(place, "broken", below.PathOf("image"));
        foreach (var arguments in new string[][]
        {
            ["save", "-q", "-o", disk.PathOf("x.tar"), "localhost/large:1"],
            ["copy", "-q", "store:localhost/large:1", $"oci:{disk.PathOf("layout")}:x"],
        })
        {
            DiskFaults.AssertClear((await place.StrataAsync(arguments)).FailedSaying("disk", disk.Path), arguments[0]);
            Assert.Equal(["lost+found"], Directory.GetFileSystemEntries(disk.Path).Select(Path.GetFileName));
        }
        var store = await place.StrataInAsync(disk.PathOf("store"), "import", place.PathOf("large.tar"), "localhost/large:1");
        DiskFaults.AssertClear(store.FailedSaying("disk"), "import");
        (await place.StrataAsync("system", "verify")).Succeeded();
    }

    [Fact]
    public async Task A_registry_whose_disk_is_full_says_so_serves_what_it_has_and_takes_more_when_there_is_room()
    {
        await using var place = await Workplace.OpenAsync();
        await using var disk = await SmallDisk.TmpfsAsync(place, "small", "5m");
        var registry = await RegistryProcess.StartOwnAsync(place, Path.Combine("small", "data"));
        try
        {
            (await place.StrataAsync("tag", Workplace.Base, $"{registry}/base:1")).Succeeded();
            (await place.StrataAsync("import", Tars.Make(place, "large", LayerSize), $"{registry}/large:1")).Succeeded();
            (await place.StrataAsync("push", "-q", $"{registry}/base:1")).Succeeded();
            DiskFaults.AssertClear((await place.StrataAsync("push", "-q", $"{registry}/large:1")).FailedSaying("full", registry), "push");
            Assert.Contains("1", (await place.StrataAsync("tags", $"{registry}/base")).Succeeded().Output, StringComparison.Ordinal);
            (await place.StrataAsync("copy", "-q", $"docker://{registry}/base:1", "oci-archive:/dev/null")).Succeeded();
            await disk.RemountAsync("size=64m");
            (await place.StrataAsync("push", "-q", $"{registry}/large:1")).Succeeded();
            (await place.StrataAsync("copy", "-q", $"docker://{registry}/large:1", "oci-archive:/dev/null")).Succeeded();
        }
        finally
        {
            await place.StopAllAsync();
        }
    }
}

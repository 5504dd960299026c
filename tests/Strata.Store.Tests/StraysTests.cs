namespace Strata.Store.Tests;

/// <summary>What a process leaves that dies between a file and its row.</summary>
public sealed class StraysTests : StoreTest
{
    private const string DeadProcess = "4194999-deadbeef";

    [Fact]
    public async Task Files_without_a_row_go_when_their_process_has_died()
    {
        await AddImage(Store, "kept", "app:1");
        Reopen();
        var blob = Path.Combine(Root, "blobs", "sha256", "ab", "ab" + new string('0', 62));
        var index = Path.Combine(Root, "layers", new string('1', 64) + ".idx");
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        System.IO.File.WriteAllText(blob, "half a commit");
        System.IO.File.WriteAllText(index, "half a commit");
        // Nobody holds the lock: the process is gone.
        System.IO.File.WriteAllText(Path.Combine(Root, "leases", DeadProcess + ".lock"), "");
        System.IO.File.WriteAllText(Path.Combine(Root, "leases", DeadProcess + ".list"), "");

        Assert.Empty(await Store.Maintenance.VerifyAsync(repair: false, null, Stop));
        Assert.False(System.IO.File.Exists(blob));
        Assert.False(System.IO.File.Exists(index));
        Assert.NotNull(Store.Names.Find(Name("app:1")));
    }

    [Fact]
    public async Task Files_without_a_row_are_found_when_nobody_is_known_to_have_died()
    {
        await AddImage(Store, "kept", "app:1");
        var index = Path.Combine(Root, "layers", new string('1', 64) + ".idx");
        System.IO.File.WriteAllText(index, "by hand");
        Assert.Equal([new VerifyFinding.Stray(index)], await Store.Maintenance.VerifyAsync(repair: false, null, Stop));
    }
}

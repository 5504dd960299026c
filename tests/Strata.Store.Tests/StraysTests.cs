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
    public async Task A_rehearsed_prune_tells_of_them_and_leaves_them()
    {
        await AddImage(Store, "kept", "app:1");
        Reopen();
        var folders = new StoreFolders(Root);
        var index = Path.Combine(Root, "layers", new string('1', 64) + ".idx");
        System.IO.File.WriteAllText(index, "half a commit");
        Strays.Note(folders);
        var rehearsal = await Store.Maintenance.PruneAsync(new PruneOptions { DryRun = true }, Stop);
        Assert.Equal(new PruneCount(1, 13), rehearsal.Removed[GarbageKind.Temporary]);
        Reopen();
        Assert.True(System.IO.File.Exists(index));
        Assert.True(System.IO.File.Exists(folders.StraysNote));
        Assert.Equal(rehearsal.Removed, (await Store.Maintenance.PruneAsync(new PruneOptions(), Stop)).Removed);
        Assert.False(System.IO.File.Exists(index));
    }

    [Fact]
    public void A_store_whose_strays_can_not_be_collected_is_closed_all_the_same()
    {
        var store = OpenAnother();
        using (var upload = store.Blobs.BeginUpload())
        {
            upload.Append("x"u8);
        }
        var note = new StoreFolders(Root).StraysNote;
        Strays.Note(new StoreFolders(Root));
        Directory.Move(Path.Combine(Root, "layers"), Path.Combine(Root, "away"));
        store.Dispose();
        // The note is for the next.
        Assert.Equal([note], FilesIn("leases"));
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

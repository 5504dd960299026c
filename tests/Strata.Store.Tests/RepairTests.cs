using Strata.Oci;

namespace Strata.Store.Tests;

/// <summary>Between the finding and the repair others are at work.</summary>
public sealed class RepairTests : StoreTest
{
    [Fact]
    public async Task What_came_in_after_it_was_found_is_not_removed()
    {
        byte[] first = [.. "first"u8], second = [.. "second"u8];
        var damaged = await Store.Blobs.PutAsync(first, Stop);
        Damage(damaged);
        // The file is there before its row: what a verification sees that looks at this moment.
        var coming = Digest.Of(second);
        Directory.CreateDirectory(Path.GetDirectoryName(FileOf(coming))!);
        await System.IO.File.WriteAllBytesAsync(FileOf(coming), second, Stop);
        var verification = new Verification(OpenContext(), null);
        await verification.FindAsync(Stop);

        await BringAgain(first);
        await BringAgain(second);
        await verification.RepairAsync(Stop);
        Reopen();
        Assert.Equal(first, Store.Blobs.ReadAll(damaged));
        Assert.Equal(second, Store.Blobs.ReadAll(coming));
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
    }

    [Fact]
    public async Task What_another_process_has_leased_is_left_until_that_process_ends()
    {
        var blob = await Store.Blobs.PutAsync("used"u8.ToArray(), Stop);
        var layer = await AddLayer(Store, ("file", "used"));
        Reopen();
        Assert.True(await Store.Blobs.LeaseAsync(blob, Stop));
        Assert.True(await Store.Layers.LeaseAsync(layer, Stop));
        Damage(blob);
        System.IO.File.Delete(FileOf(layer));
        using var repairer = OpenAnother();
        var findings = await repairer.Maintenance.VerifyAsync(true, null, Stop);
        Assert.Equivalent(new[] { blob, layer }, findings.OfType<VerifyFinding.LeftInUse>().Select(f => f.Blob));
        Assert.Contains("end that process", findings.OfType<VerifyFinding.LeftInUse>().First().ToString(), StringComparison.Ordinal);
        Assert.NotNull(repairer.Blobs.Find(blob));
        Assert.NotNull(repairer.Blobs.Find(layer));

        Reopen();
        Assert.DoesNotContain(await repairer.Maintenance.VerifyAsync(true, null, Stop), f => f is VerifyFinding.LeftInUse);
        Assert.Null(repairer.Blobs.Find(blob));
        Assert.Null(repairer.Blobs.Find(layer));
        Assert.False(System.IO.File.Exists(FileOf(blob)));
    }

    [Fact]
    public async Task A_layer_that_a_repair_took_away_is_missed_in_a_sentence()
    {
        var layer = await AddLayer(Store, ("file", "used"));
        System.IO.File.Delete(FileOf(layer));
        Assert.Contains("system verify --repair", Assert.Throws<StoreException>(() => Store.Blobs.Open(layer)).Message, StringComparison.Ordinal);
        await Store.Maintenance.VerifyAsync(true, null, Stop);
        // Still leased here, and so taken to be present.
        var e = await Assert.ThrowsAsync<StoreException>(() => Store.Layers.OpenTarAsync(layer, Stop).AsTask());
        Assert.Contains("Pull or build the image again", e.Message, StringComparison.Ordinal);
    }

    private string FileOf(Digest blob) => new StoreFolders(Root).Blob(blob);

    private void Damage(Digest blob) => System.IO.File.WriteAllText(FileOf(blob), "junk");

    private async Task BringAgain(byte[] content)
    {
        using var upload = Store.Blobs.BeginUpload();
        upload.Append(content);
        await upload.CommitAsync(Stop);
    }
}

using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Testing;

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
        var verification = new Verification(OpenContext(), null, null);
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

    [Fact]
    public async Task A_lost_tar_is_unpacked_again_and_a_lost_compressed_form_compressed_again()
    {
        var layer = await AddLayer(Store, ("folder/", ""), ("folder/file", "content"));
        var blob = (await Store.Layers.CompressAsync(layer, LayerEncoder.Gzip(1), false, Stop)).Digest;
        foreach (var (damaged, other) in new[] { (layer, blob), (blob, layer) })
        {
            var before = System.IO.File.ReadAllBytes(FileOf(damaged));
            Damage(damaged);
            // In use or not: it is put right in its place.
            Assert.Equal([new VerifyFinding.Restored(damaged, RestoredFrom.OtherForm, null)], await Repair());
            Assert.Equal(before, System.IO.File.ReadAllBytes(FileOf(damaged)));
            Assert.NotNull(Store.Blobs.Find(other));
        }
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
    }

    [Fact]
    public async Task A_layer_that_lost_all_its_forms_is_made_again_to_the_byte_from_a_snapshot()
    {
        var (diffId, bytes) = Compressed(("folder/", ""), ("folder/empty", ""), ("folder/file", "content"), ("folder/large", new string('x', 300_000)));
        await AddPulled(diffId, bytes);
        var id = await Store.Images.AddAsync(Config("pulled", diffId).ToBytes(), Stop);
        var snapshot = Assert.Single(await Store.Snapshots.EnsureAsync([diffId], null, Stop));
        Reopen();
        System.IO.File.Delete(FileOf(Digest.Of(bytes)));
        var store = OpenAnother();
        var findings = await store.Maintenance.VerifyAsync(true, null, Stop);
        Assert.Contains(new VerifyFinding.Restored(diffId, RestoredFrom.Snapshot, null), findings);
        Assert.DoesNotContain(findings, finding => finding is VerifyFinding.LayerLost or VerifyFinding.ImageIncomplete);
        Assert.Null(store.Blobs.Find(Digest.Of(bytes)));
        Assert.Equal(diffId, Digest.Of(System.IO.File.ReadAllBytes(FileOf(diffId))));
        Assert.Empty(await store.Maintenance.VerifyAsync(false, null, Stop));
        Assert.NotNull(await store.Manifests.PackAsync(id, LayerEncoder.Default, Stop));

        // Of a file that was changed nothing is made.
        store.Dispose();
        System.IO.File.WriteAllText(Path.Combine(snapshot, "folder", "file"), "changed");
        foreach (var body in FilesIn("blobs").Where(path => Path.GetFileName(path) != id.Hex))
        {
            System.IO.File.Delete(body);
        }
        using var again = OpenAnother();
        findings = await again.Maintenance.VerifyAsync(true, null, Stop);
        Assert.Contains(findings, finding => finding is VerifyFinding.LayerLost);
        Assert.DoesNotContain(findings, finding => finding is VerifyFinding.Restored);
    }

    [Fact]
    public async Task What_came_from_a_registry_is_fetched_there_again_and_what_none_has_is_named()
    {
        var (image, other) = (RandomImage.Create(1), RandomImage.Create(2));
        var app = Store.Medium(Name("reg.example/app:v1"), LayerEncoder.Default);
        await image.WriteAsync(app, Tag.Parse("v1"), Stop);
        var index = RandomImage.Index(image);
        await app.PutManifestAsync(index, Tag.Parse("v1"), Stop);
        await Store.Manifests.NoteOriginAsync(index.Digest, Name("reg.example/app:v1"));
        await other.WriteAsync(Store.Medium(Name("localhost/other"), LayerEncoder.Default), Tag.Parse("v1"), Stop);
        Store.Names.Remove(Name("reg.example/app:v1"));
        Store.Names.Move(Name("mine:v1"), image.ConfigDescriptor.Digest, index.Digest);
        Reopen();
        var origin = new MemoryMedium();
        await image.WriteAsync(origin, null, Stop);
        Damage(image.Layers[0].Digest);
        System.IO.File.Delete(FileOf(image.ConfigDescriptor.Digest));
        DamageManifest(image.Manifest.Digest);
        Damage(other.Layers[1].Digest);

        var asked = new List<Reference>();
        var findings = await Store.Maintenance.RepairAsync(
            repository =>
            {
                asked.Add(repository);
                return origin;
            },
            null,
            Stop);
        Assert.All(asked, repository => Assert.Equal("reg.example/app", repository.ToString()));
        Assert.Equivalent(
            new[] { image.Manifest.Digest, image.Layers[0].Digest, image.ConfigDescriptor.Digest },
            findings.OfType<VerifyFinding.Restored>().Select(restored => restored.Content));
        Assert.Contains(findings, finding => finding is VerifyFinding.BlobDamaged damaged && damaged.Blob == other.Layers[1].Digest);
        Assert.Equal(other.ConfigDescriptor.Digest, Assert.Single(findings.OfType<VerifyFinding.ImageIncomplete>()).Image);
        await ImageAssert.Valid(Store.Medium(Name("mine:v1"), LayerEncoder.Default), ManifestKey.ByTag(Tag.Parse("v1")), Stop);
        Assert.Equal(other.Layers[0].Size, Store.Blobs.Find(other.Layers[0].Digest));
    }

    [Fact]
    public async Task A_row_that_is_lost_or_wrong_is_put_right_by_what_is_whole_on_the_disk()
    {
        var image = RandomImage.Create(1);
        await image.WriteAsync(Store.Medium(Name("app:v1"), LayerEncoder.Default), Tag.Parse("v1"), Stop);
        Reopen();
        OpenContext().Database.Write(s => s.Execute("PRAGMA foreign_keys=OFF"));
        OpenContext().Database.Write(s =>
        {
            s.Execute("DELETE FROM blobs WHERE digest=?1", image.ConfigDescriptor.Digest.ToString());
            return s.Execute("UPDATE blobs SET size=5 WHERE digest=?1", image.Layers[0].Digest.ToString());
        });
        var found = await Store.Maintenance.VerifyAsync(false, null, Stop);
        Assert.Contains(new VerifyFinding.BlobSizeWrong(image.Layers[0].Digest, image.Layers[0].Size), found);
        Assert.Contains(found, finding => finding is VerifyFinding.ImageIncomplete);

        var repaired = await Store.Maintenance.VerifyAsync(true, null, Stop);
        Assert.Equivalent(
            new[] { image.ConfigDescriptor.Digest, image.Layers[0].Digest },
            repaired.Cast<VerifyFinding.Restored>().Where(finding => finding.From == RestoredFrom.ItsFile).Select(finding => finding.Content));
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
        await ImageAssert.Valid(Store.Medium(Name("app:v1"), LayerEncoder.Default), ManifestKey.ByTag(Tag.Parse("v1")), Stop);
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_is_asked_once_and_is_no_failure()
    {
        var image = RandomImage.Create(1);
        await image.WriteAsync(Store.Medium(Name("reg.example/app:v1"), LayerEncoder.Default), Tag.Parse("v1"), Stop);
        Reopen();
        image.Layers.ToList().ForEach(layer => Damage(layer.Digest));
        var asked = 0;
        var findings = await Store.Maintenance.RepairAsync(_ => ++asked > 0 ? throw new IOException("no answer") : null!, null, Stop);
        Assert.Equal(1, asked);
        Assert.Equal(2, findings.OfType<VerifyFinding.BlobDamaged>().Count());
    }

    [Fact]
    public async Task A_registry_that_lies_is_passed_over_for_the_next()
    {
        var image = RandomImage.Create(1);
        await image.WriteAsync(Store.Medium(Name("reg.example/app:v1"), LayerEncoder.Default), Tag.Parse("v1"), Stop);
        foreach (var repository in new[] { "honest.example/app", "broken.example/app", "lying.example/app" })
        {
            Clock.Advance(TimeSpan.FromMinutes(1));
            await Store.Manifests.NoteOriginAsync(image.Manifest.Digest, Name(repository));
        }
        Reopen();
        var origin = new MemoryMedium();
        await image.WriteAsync(origin, null, Stop);
        Damage(image.Layers[0].Digest);
        DamageManifest(image.Manifest.Digest);
        var findings = await Store.Maintenance.RepairAsync(
            repository => repository.Registry switch
            {
                "lying.example" => new Lying(Mismatch()),
                "broken.example" => new Lying(new InvalidImageException("no manifest")),
                _ => origin,
            },
            null,
            Stop);
        Assert.Equivalent(new[] { image.Manifest.Digest, image.Layers[0].Digest }, findings.OfType<VerifyFinding.Restored>().Select(restored => restored.Content));
        Assert.All(findings.OfType<VerifyFinding.Restored>(), restored => Assert.Equal("honest.example", restored.Repository!.Registry));
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
    }

    [Fact]
    public async Task A_damaged_manifest_that_nobody_has_is_left_and_named_and_another_pull_heals_it()
    {
        var image = RandomImage.Create(1);
        var medium = Store.Medium(Name("app"), LayerEncoder.Default);
        await image.WriteAsync(medium, Tag.Parse("latest"), Stop);
        DamageManifest(image.Manifest.Digest);
        Assert.Equal([new VerifyFinding.ManifestDamaged(image.Manifest.Digest)], await Repair());
        var index = RandomImage.Index(image);
        await medium.PutManifestAsync(index, null, Stop);
        DamageManifest(index.Digest);

        await image.WriteAsync(medium, Tag.Parse("latest"), Stop);
        await medium.PutManifestAsync(index, null, Stop);
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
        Assert.Equal(image.Manifest, Store.Manifests.Find(image.Manifest.Digest)! with { Raw = image.Manifest.Raw });
    }

    [Fact]
    public async Task What_was_pruned_after_its_row_was_read_is_no_damage()
    {
        Privileges.NeedRoot();
        var layer = await AddLayer(Store, ("file", "x"));
        var index = await Store.Layers.OpenIndexAsync(layer, Stop);
        var id = Path.GetFileName(Path.GetDirectoryName(Assert.Single(await Store.Snapshots.EnsureAsync([layer], null, Stop))))!;
        var context = OpenContext();
        var verification = new Verification(context, null, null);
        Assert.Null(verification.CheckIndex(layer, index.TarSize, Stop));
        // A redundant tar that has just gone says nothing against the index.
        System.IO.File.Delete(FileOf(layer));
        Assert.Null(verification.CheckIndex(layer, index.TarSize, Stop));
        System.IO.File.Delete(context.Folders.Index(layer));
        Directory.Delete(context.Folders.Snapshot(id), recursive: true);
        Assert.Equal(new VerifyFinding.IndexDamaged(layer), verification.CheckIndex(layer, index.TarSize, Stop));
        Assert.IsType<VerifyFinding.SnapshotMissing>(verification.CheckSnapshot(id));
        context.Database.Write(s => s.Execute("DELETE FROM layers") + s.Execute("DELETE FROM snapshots"));
        Assert.Null(verification.CheckIndex(layer, index.TarSize, Stop));
        Assert.Null(verification.CheckSnapshot(id));
    }

    private void DamageManifest(Digest manifest) =>
        OpenContext().Database.Write(s => s.Execute("UPDATE manifests SET raw=x'7b7d' WHERE digest=?1", manifest.ToString()));

    private static ContentMismatchException Mismatch()
    {
        using var other = new VerifyingStream(new MemoryStream([1]), Digest.Of("x"u8), 1);
        return Assert.Throws<ContentMismatchException>(() => other.CopyTo(Stream.Null));
    }

    /// <summary>Answers everything with what a reader throws that has checked it.</summary>
    private sealed class Lying(IOException e) : IImageReader
    {
        public ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken) => throw e;

        public ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) => throw e;
    }

    private async Task AddPulled(Digest diffId, byte[] bytes)
    {
        await Store.Blobs.PutAsync(Describe(bytes), new MemoryStream(bytes), Stop);
        await Store.Layers.AddCompressedAsync(diffId, Describe(bytes), Stop);
    }

    private async Task<IReadOnlyList<VerifyFinding>> Repair()
    {
        using var repairer = OpenAnother();
        return await repairer.Maintenance.VerifyAsync(true, null, Stop);
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

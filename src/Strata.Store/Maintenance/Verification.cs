using System.Buffers;
using System.Collections.Concurrent;
using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>One run of the verification.</summary>
internal sealed class Verification(StoreContext context, Restoration? restoration, IProgress<VerifyProgress>? progress)
{
    private const int PieceSize = 1 << 20;
    private ConcurrentBag<VerifyFinding> _findings = [];
    private long _done;
    private long _total;

    public async Task<IReadOnlyList<VerifyFinding>> RunAsync(bool repair, CancellationToken cancellationToken)
    {
        await FindAsync(cancellationToken);
        if (repair)
        {
            var restored = await RestoreAsync(cancellationToken);
            await RepairAsync(cancellationToken);
            restored.ForEach(_findings.Add);
        }
        CheckLayersAndImages();
        return [.. _findings.OrderBy(finding => finding.GetType().Name, StringComparer.Ordinal).ThenBy(finding => finding.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>Takes no lock: others are at work meanwhile, so what is found may have changed by the time it is repaired.</summary>
    internal async Task FindAsync(CancellationToken cancellationToken)
    {
        CheckDatabase();
        var blobs = context.Database.Read(s => s.Query("SELECT digest, size FROM blobs", static row => (Digest: Digest.Parse(row.Text(0)), Size: row.Long(1))));
        var snapshots = new SnapshotCheck(context, Tell);
        _total = blobs.Sum(blob => blob.Size) + snapshots.Size;
        await Parallel.ForEachAsync(
            blobs,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            (blob, cancellationToken) =>
            {
                if (CheckBlob(blob.Digest, blob.Size, cancellationToken) is { } finding)
                {
                    _findings.Add(finding);
                }
                return ValueTask.CompletedTask;
            });
        CheckIndexes(cancellationToken);
        CheckManifests();
        CheckSnapshots();
        (await snapshots.RunAsync(cancellationToken)).ForEach(_findings.Add);
        CheckStrays();
    }

    private void CheckDatabase()
    {
        foreach (var detail in context.Database.Read(s => s.Query("PRAGMA integrity_check(20)", static row => row.Text(0))).Where(text => text != "ok"))
        {
            _findings.Add(new VerifyFinding.DatabaseDamaged(detail));
        }
        foreach (var detail in context.Database.Read(s => s.Query("PRAGMA foreign_key_check", static row => $"a row of {row.Text(0)} names a missing row of {row.Text(2)}")))
        {
            _findings.Add(new VerifyFinding.DatabaseDamaged(detail));
        }
    }

    private void Tell(long length) => progress?.Report(new VerifyProgress(Interlocked.Add(ref _done, length), _total));

    private VerifyFinding? CheckBlob(Digest digest, long size, CancellationToken cancellationToken)
    {
        try
        {
            var (actual, length) = Read(digest, cancellationToken);
            return actual != digest ? new VerifyFinding.BlobDamaged(digest, actual)
                : length != size ? new VerifyFinding.BlobSizeWrong(digest, length)
                : null;
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Pruned in between, unless the row is still there.
            return context.Database.Read(s => BlobStore.SizeOf(s, digest)) is null ? null : new VerifyFinding.BlobMissing(digest);
        }
        catch (IOException e)
        {
            // A sector that is lost: the other blobs are still to be read.
            return new VerifyFinding.BlobUnreadable(digest, e.Message);
        }
    }

    private (Digest Actual, long Length) Read(Digest blob, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(context.Folders.Blob(blob), share: FileShare.ReadWrite | FileShare.Delete, options: FileOptions.SequentialScan);
        using var hasher = new ContentHasher(blob.Algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            while (RandomAccess.Read(file, buffer, hasher.Length) is > 0 and var length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hasher.Append(buffer.AsSpan(0, length));
                Tell(length);
            }
            return (hasher.Current(), hasher.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private (Digest, long)? ReadIfThere(Digest blob, CancellationToken cancellationToken)
    {
        try
        {
            return Read(blob, cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void CheckIndexes(CancellationToken cancellationToken)
    {
        var indexed = context.Database.Read(s => s.Query(
            "SELECT diff_id, tar_size FROM layers WHERE indexed=1", static row => (DiffId: Digest.Parse(row.Text(0)), Size: row.Long(1))));
        foreach (var (diffId, size) in indexed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (CheckIndex(diffId, size, cancellationToken) is { } finding)
            {
                _findings.Add(finding);
            }
        }
    }

    internal VerifyFinding? CheckIndex(Digest diffId, long size, CancellationToken cancellationToken)
    {
        try
        {
            var index = LayerIndex.Open(context.Folders.Index(diffId));
            if (index.DiffId == diffId && index.TarSize == size && AgreesWithTar(index, cancellationToken))
            {
                return null;
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // The finding below says it.
        }
        // Pruned in between, unless the row is still there.
        return context.Database.Read(s => s.Any("SELECT 1 FROM layers WHERE diff_id=?1 AND indexed=1", diffId.ToString())) ? new VerifyFinding.IndexDamaged(diffId) : null;
    }

    /// <summary>Where the tar itself is kept and whole, its entries must be those of the index.</summary>
    private bool AgreesWithTar(LayerIndex index, CancellationToken cancellationToken)
    {
        if (_findings.Any(finding => BlobOf(finding) == index.DiffId) || TryOpenTar(index.DiffId) is not { } opened)
        {
            return true;
        }
        using var tar = opened;
        var fresh = LayerIndexer.Index(tar, IndexLimits.Default, cancellationToken);
        if (fresh.DiffId != index.DiffId || fresh.Count != index.Count)
        {
            return false;
        }
        for (var i = 0; i < fresh.Count; i++)
        {
            var (one, other) = (fresh[i], index[i]);
            if (one.Path != other.Path || one.Kind != other.Kind || one.Mode != other.Mode || one.UserId != other.UserId || one.GroupId != other.GroupId
                || one.Size != other.Size || one.TarOffset != other.TarOffset || one.Content != other.Content)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Null where it is not kept, is missing, or has just been pruned.</summary>
    private FileStream? TryOpenTar(Digest diffId)
    {
        try
        {
            return new FileStream(
                context.Folders.Blob(diffId), new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite | FileShare.Delete });
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void CheckManifests()
    {
        context.Database.Read(s =>
        {
            s.Each("SELECT digest, raw FROM manifests", row =>
            {
                var digest = Digest.Parse(row.Text(0));
                if (ContentHasher.DigestOf(row.BlobSpan(1), digest.Algorithm) != digest)
                {
                    _findings.Add(new VerifyFinding.ManifestDamaged(digest));
                }
            });
            return true;
        });
    }

    private void CheckSnapshots()
    {
        foreach (var id in context.Database.Read(s => s.Query("SELECT directory FROM snapshots", static row => row.Text(0))))
        {
            if (CheckSnapshot(id) is { } finding)
            {
                _findings.Add(finding);
            }
        }
    }

    internal VerifyFinding? CheckSnapshot(string id)
    {
        var tree = context.Folders.SnapshotTree(id);
        return !Directory.Exists(tree) && context.Database.Read(s => s.Any("SELECT 1 FROM snapshots WHERE directory=?1", id))
            ? new VerifyFinding.SnapshotMissing(tree)
            : null;
    }

    private void CheckStrays()
    {
        // What is still one after a second look was not just on its way in.
        foreach (var path in Strays.Find(context).Intersect(Strays.Find(context)))
        {
            _findings.Add(new VerifyFinding.Stray(path));
        }
    }

    private void CheckLayersAndImages()
    {
        var lost = context.Database.Read(s => s.Query(
            "SELECT diff_id FROM layers WHERE indexed=1 AND NOT EXISTS(SELECT 1 FROM layer_bodies body WHERE body.diff_id=layers.diff_id)",
            static row => Digest.Parse(row.Text(0))));
        lost.ForEach(diffId => _findings.Add(new VerifyFinding.LayerLost(diffId)));
        var missing = context.Database.Read(s => s.Query(
            """
            SELECT id, id FROM images WHERE NOT EXISTS(SELECT 1 FROM blobs WHERE digest=id)
            UNION ALL SELECT image, diff_id FROM image_layers WHERE NOT EXISTS(SELECT 1 FROM layer_bodies body WHERE body.diff_id=image_layers.diff_id)
            """,
            static row => (Image: Digest.Parse(row.Text(0)), Part: Digest.Parse(row.Text(1)))));
        foreach (var image in missing.GroupBy(row => row.Image))
        {
            _findings.Add(new VerifyFinding.ImageIncomplete(image.Key, [.. image.Select(row => row.Part)]));
        }
    }

    private async Task<List<VerifyFinding.Restored>> RestoreAsync(CancellationToken cancellationToken)
    {
        if (restoration is null)
        {
            return [];
        }
        var manifests = _findings.OfType<VerifyFinding.ManifestDamaged>().Select(finding => finding.Manifest).ToList();
        var restored = await restoration.RunAsync(_findings.Select(BlobOf).OfType<Digest>().ToHashSet(), manifests, cancellationToken);
        var whole = restored.Select(finding => finding.Content).ToHashSet();
        _findings = [.. _findings.Where(finding => finding is not VerifyFinding.ManifestDamaged damaged || !whole.Contains(damaged.Manifest))];
        return [.. restored];
    }

    /// <summary>
    /// Forgets what is still damaged. Under the exclusive lock nobody makes anything visible, so what is looked at here stays as it is;
    /// what others have leased is left to them, as they take it to be present.
    /// </summary>
    internal async Task RepairAsync(CancellationToken cancellationToken)
    {
        using var exclusive = await context.Collection.ExclusiveAsync(cancellationToken);
        var putBack = await new LostRows(context, blob => ReadIfThere(blob, cancellationToken)).PutBackAsync(_findings, cancellationToken);
        var damaged = _findings.Select(BlobOf).OfType<Digest>().Select(blob => (Blob: blob, Finding: LookAgain(blob, cancellationToken))).Where(again => again.Finding is not null).ToList();
        var leased = context.Leases.UsedByOthers();
        var blobs = damaged.Select(again => again.Blob).Where(blob => !IsLeased(blob, leased)).ToList();
        var snapshots = _findings.OfType<VerifyFinding.SnapshotMissing>().Select(f => Path.GetFileName(Path.GetDirectoryName(f.Path)!)).ToList();
        var broken = _findings.OfType<VerifyFinding.SnapshotDamaged>().ToLookup(f => Path.GetFileName(Path.GetDirectoryName(f.Path)!));
        var unused = new SnapshotCheck(context, Tell).Unused(broken.Select(f => f.Key), leased);
        snapshots.AddRange(unused);
        _findings =
        [
            .. _findings.Where(f => f is not (VerifyFinding.Stray or VerifyFinding.SnapshotDamaged or VerifyFinding.BlobSizeWrong or VerifyFinding.DatabaseDamaged) && BlobOf(f) is null),
            .. putBack,
            .. broken.SelectMany(same => same.Select(f => f with { IsInUse = !unused.Contains(same.Key) })),
            .. damaged.Select(again => again.Finding!),
            .. damaged.Select(again => again.Blob).Except(blobs).Select(blob => new VerifyFinding.LeftInUse(blob)),
            .. Strays.Find(context).Select(path => new VerifyFinding.Stray(path)),
        ];
        await context.RemoveAsync(
            session =>
            {
                foreach (var blob in blobs)
                {
                    session.Execute("DELETE FROM layer_bodies WHERE blob=?1", blob.ToString());
                    session.Execute("DELETE FROM blobs WHERE digest=?1", blob.ToString());
                }
                foreach (var index in _findings.OfType<VerifyFinding.IndexDamaged>())
                {
                    session.Execute("UPDATE layers SET indexed=0 WHERE diff_id=?1", index.DiffId.ToString());
                }
                snapshots.ForEach(id => session.Execute("DELETE FROM snapshots WHERE directory=?1", id));
                return true;
            },
            cancellationToken);
        CheckDatabase();
        // The files of the rows just removed are among them.
        foreach (var path in Strays.Find(context))
        {
            HostFile.RemoveTree(path);
        }
    }

    private static Digest? BlobOf(VerifyFinding finding) => finding switch
    {
        VerifyFinding.BlobMissing missing => missing.Blob,
        VerifyFinding.BlobDamaged damaged => damaged.Blob,
        VerifyFinding.BlobUnreadable unreadable => unreadable.Blob,
        _ => null,
    };

    /// <summary>Null when somebody has brought it again, or pruned it.</summary>
    private VerifyFinding? LookAgain(Digest blob, CancellationToken cancellationToken) =>
        context.Database.Read(s => BlobStore.SizeOf(s, blob)) is { } size ? CheckBlob(blob, size, cancellationToken) : null;

    /// <summary>By itself, or as the body of a layer.</summary>
    private bool IsLeased(Digest blob, HashSet<string> leased) => leased.Contains(blob.ToString())
        || context.Database.Read(s => s.Query("SELECT diff_id FROM layer_bodies WHERE blob=?1", static row => Digest.Parse(row.Text(0)), blob.ToString()))
            .Exists(diffId => leased.Contains(LayerStore.LeaseName(diffId)));
}

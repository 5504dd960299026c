using System.Buffers;
using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// Compares the trees of snapshots with the indexes of their layers, one snapshot after the other, each by all processors. What a tree has
/// beyond its layer is not looked at: marks of overlayfs, and what a build step mounted over.
/// </summary>
/// <param name="context">The store.</param>
/// <param name="read">Told of bytes that were read, from several threads; of a snapshot in all as many as its row says.</param>
internal sealed class SnapshotCheck(StoreContext context, Action<long> read)
{
    private const int PieceSize = 1 << 20;
    private const int EntriesAtOnce = 64;

    /// <summary>The bytes that <see cref="RunAsync"/> will tell of.</summary>
    public long Size => context.Database.Read(s => s.Number("SELECT coalesce(sum(size), 0) FROM snapshots") ?? 0);

    public async Task<List<VerifyFinding>> RunAsync(CancellationToken cancellationToken)
    {
        var boot = SnapshotStore.ThisBoot();
        var rows = context.Database.Read(s => s.Query(
            "SELECT directory, boot, synced, diff_id, size FROM snapshots ORDER BY directory",
            static row => (Record: new SnapshotRecord(row.Text(0), row.Text(1), row.Bool(2), 0, 0), DiffId: Digest.Parse(row.Text(3)), Size: row.Long(4))));
        var findings = new List<VerifyFinding>();
        foreach (var (record, diffId, size) in rows)
        {
            // One that another boot left unfinished is made again before anybody uses it.
            if (SnapshotWork.IsUsable(context, record, boot) && TryOpenIndex(diffId) is { } index)
            {
                var tree = context.Folders.SnapshotTree(record.Id);
                var comparison = new Comparison(index, context.Options.Privileged, size, read);
                if (await comparison.RunAsync(tree, cancellationToken) is { } problem && IsThere(record.Id))
                {
                    findings.Add(new VerifyFinding.SnapshotDamaged(tree, problem));
                }
                read(size - comparison.Told);
            }
            else
            {
                read(size);
            }
        }
        return findings;
    }

    /// <summary>Of those that are damaged, the ids that nobody uses: as the collector sees it, except that this process's own leases don't count.</summary>
    public HashSet<string> Unused(IEnumerable<string> ids, HashSet<string> leased) => context.Database.Read(s => ids
        .Where(id => !leased.Contains("snapshot:" + id) && !s.Any(
            """
            SELECT 1 FROM snapshots JOIN image_layers USING(diff_id) JOIN containers ON containers.image=image_layers.image WHERE snapshots.directory=?1
            """,
            id))
        .ToHashSet(StringComparer.Ordinal));

    /// <summary>What is pruned loses its row before its files.</summary>
    private bool IsThere(string id) => context.Database.Read(s => s.Any("SELECT 1 FROM snapshots WHERE directory=?1", id));

    /// <summary>Null where it is gone or damaged, which is found elsewhere.</summary>
    private LayerIndex? TryOpenIndex(Digest diffId)
    {
        try
        {
            return LayerIndex.Open(context.Folders.Index(diffId)) is { } index && index.DiffId == diffId ? index : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    private sealed class Comparison(LayerIndex index, bool withOwners, long size, Action<long> read)
    {
        private long _read;
        private string? _problem;

        /// <summary>Files with holes have more bytes than the tar they came in.</summary>
        public long Told => Math.Min(Interlocked.Read(ref _read), size);

        /// <summary>The first difference that was found; null for none.</summary>
        public async Task<string?> RunAsync(string tree, CancellationToken cancellationToken)
        {
            using var root = RootedDirectory.Open(tree);
            await Parallel.ForAsync(
                0,
                (index.Count + EntriesAtOnce - 1) / EntriesAtOnce,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
                (piece, cancellationToken) =>
                {
                    var end = Math.Min(index.Count, (piece + 1) * EntriesAtOnce);
                    for (var position = piece * EntriesAtOnce; position < end && Volatile.Read(ref _problem) is null; position++)
                    {
                        if (Check(root, index[position], cancellationToken) is { } problem)
                        {
                            Interlocked.CompareExchange(ref _problem, problem, null);
                        }
                    }
                    return ValueTask.CompletedTask;
                });
            return _problem;
        }

        private string? Check(RootedDirectory root, LayerEntry entry, CancellationToken cancellationToken)
        {
            // A snapshot has no devices.
            if (entry.IsWhiteout || entry.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice)
            {
                return null;
            }
            try
            {
                return Compare(root, entry, cancellationToken) is { } what ? $"{entry.Path} {what}" : null;
            }
            catch (LinuxException e) when (e.Errno is Errno.EACCES or Errno.EPERM)
            {
                // An ordinary user may have files that even its owner can't read.
                return null;
            }
            catch (IOException e)
            {
                return $"{entry.Path} can't be read: {e.Message}";
            }
        }

        private string? Compare(RootedDirectory root, LayerEntry entry, CancellationToken cancellationToken)
        {
            if (root.Status(entry.Path.Bytes) is not { } status)
            {
                return "is gone";
            }
            if (status.Kind != KindOf(entry.Kind))
            {
                return "is of another kind";
            }
            if (withOwners && (status.UserId, status.GroupId) != (entry.UserId, entry.GroupId))
            {
                return "has another owner";
            }
            if (entry.Kind == EntryKind.SymbolicLink)
            {
                return root.ReadLink(entry.Path.Bytes).AsSpan().SequenceEqual(entry.LinkTarget.Span) ? null : "links to something else";
            }
            if (status.Mode != entry.Mode)
            {
                return "has other permissions";
            }
            if (!entry.IsFile)
            {
                return null;
            }
            return status.Size != entry.Size ? "has another size"
                : entry.Content is { } content && !IsFurtherName(root, entry, status) && Hash(root, entry, content.Algorithm, cancellationToken) != content ? "holds other bytes"
                : null;
        }

        private static bool IsFurtherName(RootedDirectory root, LayerEntry entry, FileStatus status) =>
            entry.Kind == EntryKind.HardLink && root.Status(entry.LinkTarget.Span) is { } first && first.Inode == status.Inode;

        private Digest Hash(RootedDirectory root, LayerEntry entry, DigestAlgorithm algorithm, CancellationToken cancellationToken)
        {
            var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(entry.Size, 1, PieceSize));
            try
            {
                using var file = root.OpenRead(entry.Path.Bytes);
                using var hasher = new ContentHasher(algorithm);
                while (RandomAccess.Read(file, buffer, hasher.Length) is > 0 and var length)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    hasher.Append(buffer.AsSpan(0, length));
                    Tell(length);
                }
                return hasher.Current();
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        private void Tell(long length)
        {
            var after = Interlocked.Add(ref _read, length);
            if (Math.Min(length, size - (after - length)) is > 0 and var news)
            {
                read(news);
            }
        }

        private static FileKind KindOf(EntryKind kind) => kind switch
        {
            EntryKind.Directory => FileKind.Directory,
            EntryKind.SymbolicLink => FileKind.SymbolicLink,
            EntryKind.Fifo => FileKind.Fifo,
            _ => FileKind.Regular,
        };
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Knows the content of a context's files: remembered where the file is as it was, read where it isn't.</summary>
internal sealed class FileHasher(IBuildCache cache, TimeProvider time)
{
    private const int BufferSize = 256 * 1024;
    private const string Capability = "security.capability";

    // A change within the clock tick of the one before leaves no trace in the times. File systems without
    // nanoseconds tick by seconds (vfat by two).
    private static readonly TimeSpan FineTick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CoarseTick = TimeSpan.FromSeconds(2);

    // What is known of a file while its content is looked up takes some hundred bytes.
    private const int Portion = 8192;

    /// <summary>
    /// The contents of the regular files among the entries, by their numbers. Throws <see cref="FileChangedException"/> when one is no longer
    /// what was seen.
    /// </summary>
    public async Task HashAsync(ContextTree tree, IEnumerable<SourceEntry> entries, FileContents contents, CancellationToken cancellationToken)
    {
        var first = 0;
        foreach (var portion in entries.Chunk(Portion))
        {
            await HashAsync(tree, portion, first, contents, cancellationToken);
            first += portion.Length;
        }
    }

    private async Task HashAsync(ContextTree tree, SourceEntry[] entries, int first, FileContents contents, CancellationToken cancellationToken)
    {
        var files = Enumerable.Range(0, entries.Length).Where(i => entries[i] is { IsRegular: true, Content: null }).ToArray();
        var identities = Array.ConvertAll(files, i => entries[i].Identity);
        var known = identities.Length == 0 ? [] : await cache.FindHashesAsync(identities, cancellationToken);
        var missing = new List<int>();
        for (var i = 0; i < files.Length; i++)
        {
            if (known[i] is { } digest)
            {
                // Files with attributes are never remembered, so a remembered one has none.
                contents[first + files[i]] = new FileContent(digest, []);
            }
            else
            {
                missing.Add(files[i]);
            }
        }
        if (missing.Count > 0)
        {
            var began = time.GetUtcNow();
            var read = new FileContent[missing.Count];
            await ReadAsync(tree, [.. missing.Select(i => entries[i])], read, cancellationToken);
            for (var i = 0; i < read.Length; i++)
            {
                contents[first + missing[i]] = read[i];
            }
            await RememberAsync([.. missing.Select(i => entries[i].Identity)], read, began, cancellationToken);
        }
    }

    private static async Task ReadAsync(
        ContextTree tree, SourceEntry[] files, FileContent[] contents, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        await Parallel.ForEachAsync(Partitioner.Create(0, files.Length, Math.Max(1, Math.Min(512, files.Length / 4))).GetDynamicPartitions(), options, (range, token) =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            using var cursor = tree.OpenCursor();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            try
            {
                for (var i = range.Item1; i < range.Item2; i++)
                {
                    token.ThrowIfCancellationRequested();
                    var entry = files[i];
                    using var file = ContextTree.OpenFile(cursor, entry);
                    var digest = Hash(file, entry, hash, buffer);
                    contents[i] = new FileContent(digest, CapabilityOf(cursor, entry));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
            return ValueTask.CompletedTask;
        });
    }

    private static IReadOnlyList<KeyValuePair<string, byte[]>> CapabilityOf(RootedDirectory cursor, SourceEntry entry)
    {
        // Nearly no file has any, and a list each would be paid for by those that have none.
        var xattrs = cursor.Xattrs(entry.Path.Bytes);
        return xattrs.Count == 0 ? [] : [.. xattrs.Where(xattr => xattr.Key == Capability)];
    }

    private static Digest Hash(SafeFileHandle file, SourceEntry entry, IncrementalHash hash, byte[] buffer)
    {
        long offset = 0;
        Span<byte> result = stackalloc byte[SHA256.HashSizeInBytes];
        while (true)
        {
            var length = RandomAccess.Read(file, buffer, offset);
            offset += length;
            if (offset == entry.Size && length < buffer.Length && length > 0 && length == offset)
            {
                // The whole file in one piece: hashed in one call.
                SHA256.HashData(buffer.AsSpan(0, length), result);
                return Digest.FromHash(DigestAlgorithm.Sha256, result);
            }
            if (length == 0)
            {
                break;
            }
            hash.AppendData(buffer, 0, length);
        }
        hash.GetHashAndReset(result);
        return offset == entry.Size ? Digest.FromHash(DigestAlgorithm.Sha256, result) : throw new FileChangedException(entry.Path);
    }

    private async Task RememberAsync(
        FileIdentity[] identities, FileContent[] contents, DateTimeOffset began, CancellationToken cancellationToken)
    {
        var settled = new List<KeyValuePair<FileIdentity, Digest>>(identities.Length);
        for (var i = 0; i < identities.Length; i++)
        {
            var changed = identities[i].Changed;
            var tick = changed.Nanoseconds == 0 ? CoarseTick : FineTick;
            if (contents[i].Xattrs.Count == 0 && changed.ToCalendar() < began - tick)
            {
                settled.Add(new(identities[i], contents[i].Digest));
            }
        }
        if (settled.Count > 0)
        {
            await cache.PutHashesAsync(settled, cancellationToken);
        }
    }
}

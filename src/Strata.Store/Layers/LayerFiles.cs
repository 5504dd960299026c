using Microsoft.Win32.SafeHandles;
using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Content.Tar;
using Strata.Oci;

namespace Strata.Store;

/// <summary>Takes contents of files out of a layer's tar, each verified against the index when it's read to its end.</summary>
internal static class LayerFiles
{
    /// <summary>From a tar that can be read anywhere.</summary>
    public static void ReadAt(
        SafeFileHandle tar, LayerIndex index, IReadOnlyList<int> positions, Action<int, Stream> receive, CancellationToken cancellationToken)
    {
        foreach (var (position, entry) in InTarOrder(index, positions))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Hand(position, entry, new FileSliceStream(tar, entry.TarOffset, entry.Size), receive);
        }
        ReadSparse(() => new FileSliceStream(tar, 0, index.TarSize), index, positions, receive, cancellationToken);
    }

    /// <summary>From a tar that can be read once, from its start. Stops after the last content that is wanted.</summary>
    /// <param name="reopen">Opens the tar; called again only where one content is wanted under several names, or is sparse.</param>
    public static void ReadThrough(
        Func<Stream> reopen, LayerIndex index, IReadOnlyList<int> positions, Action<int, Stream> receive, CancellationToken cancellationToken)
    {
        var wanted = InTarOrder(index, positions);
        while (wanted.Count > 0)
        {
            var again = new List<(int, LayerEntry)>();
            using var tar = reopen();
            var at = 0L;
            foreach (var (position, entry) in wanted)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (entry.TarOffset < at)
                {
                    again.Add((position, entry));
                    continue;
                }
                Skip(tar, entry.TarOffset - at);
                var part = new StreamPart(tar, entry.Size);
                Hand(position, entry, part, receive);
                Skip(tar, part.Left);
                at = entry.TarOffset + entry.Size;
            }
            wanted = again;
        }
        ReadSparse(reopen, index, positions, receive, cancellationToken);
    }

    /// <summary>
    /// Contents that lie in pieces, and empty ones. A sparse member is known by its digest, as its name may occur again: one pass finds
    /// out which members they are, a second one gives them out.
    /// </summary>
    private static void ReadSparse(
        Func<Stream> reopen, LayerIndex index, IReadOnlyList<int> positions, Action<int, Stream> receive, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<Digest, List<(int Position, LayerEntry Entry)>>();
        foreach (var (position, entry) in positions.Select(position => (position, index[position])).Where(file => file.Item2.TarOffset < 0))
        {
            if (entry.Size == 0 || entry.Content is not { } digest)
            {
                Hand(position, entry, new MemoryStream([], writable: false), receive);
            }
            else if (!wanted.TryAdd(digest, [(position, entry)]))
            {
                wanted[digest].Add((position, entry));
            }
        }
        if (wanted.Count == 0)
        {
            return;
        }
        var sizes = wanted.Values.Select(files => files[0].Entry.Size).ToHashSet();
        var members = new Dictionary<long, Digest>();
        EachSparse(reopen, sizes, (offset, content) =>
        {
            using var hasher = new ContentHasher();
            var buffer = new byte[64 * 1024];
            while (content.Read(buffer) is > 0 and var length)
            {
                hasher.Append(buffer.AsSpan(0, length));
            }
            if (hasher.Current() is var digest && wanted.ContainsKey(digest) && !members.ContainsValue(digest))
            {
                members[offset] = digest;
            }
        }, cancellationToken);
        if (members.Count < wanted.Count)
        {
            throw new InvalidDataException("A layer's tar lacks a sparse file that its index names.");
        }
        while (wanted.Count > 0)
        {
            EachSparse(reopen, sizes, (offset, content) =>
            {
                if (members.TryGetValue(offset, out var digest) && wanted.TryGetValue(digest, out var files))
                {
                    Hand(files[0].Position, files[0].Entry, content, receive);
                    files.RemoveAt(0);
                    if (files.Count == 0)
                    {
                        wanted.Remove(digest);
                    }
                }
            }, cancellationToken);
        }
    }

    private static void EachSparse(Func<Stream> reopen, HashSet<long> sizes, Action<long, Stream> visit, CancellationToken cancellationToken)
    {
        using var tar = reopen();
        using var reader = new TarReader(tar, TarLimits.Default, cancellationToken);
        while (reader.ReadNext() is { } header)
        {
            if (header.IsSparse && sizes.Contains(header.Size))
            {
                visit(header.Offset, new MemberContent(reader));
            }
        }
    }

    private static List<(int Position, LayerEntry Entry)> InTarOrder(LayerIndex index, IReadOnlyList<int> positions) =>
        [.. positions.Select(position => (position, index[position])).Where(file => file.Item2.TarOffset >= 0).OrderBy(file => file.Item2.TarOffset)];

    private static void Hand(int position, LayerEntry entry, Stream content, Action<int, Stream> receive)
    {
        using var verified = entry.Content is { } digest ? new VerifyingStream(content, digest, entry.Size) : content;
        receive(position, verified);
    }

    private static void Skip(Stream tar, long count)
    {
        var buffer = new byte[Math.Min(count, 64 * 1024)];
        while (count > 0)
        {
            var length = tar.Read(buffer, 0, (int)Math.Min(count, buffer.Length));
            if (length == 0)
            {
                throw new InvalidDataException("A layer's tar ends before the content that its index names.");
            }
            count -= length;
        }
    }

    private sealed class StreamPart(Stream tar, long length) : ReadOnlyStream
    {
        public long Left { get; private set; } = length;

        public override int Read(Span<byte> buffer)
        {
            var count = tar.Read(buffer[..(int)Math.Min(buffer.Length, Left)]);
            Left -= count;
            return count;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await tar.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Left)], cancellationToken);
            Left -= count;
            return count;
        }
    }

    private sealed class MemberContent(TarReader reader) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => reader.Read(buffer);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
    }
}

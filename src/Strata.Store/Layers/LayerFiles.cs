using Microsoft.Win32.SafeHandles;
using Strata.Content.Layers;
using Strata.Content.Streams;

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
            Hand(position, entry, new FilePart(tar, entry.TarOffset, entry.Size), receive);
        }
    }

    /// <summary>From a tar that can be read once, from its start. Stops after the last content that is wanted.</summary>
    /// <param name="reopen">Opens the tar; called again only where one content is wanted under several names.</param>
    /// <param name="index">The layer's.</param>
    /// <param name="positions">In the index.</param>
    /// <param name="receive">Takes each content.</param>
    /// <param name="cancellationToken">Looked at between files.</param>
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
    }

    private static List<(int Position, LayerEntry Entry)> InTarOrder(LayerIndex index, IReadOnlyList<int> positions) =>
        [.. positions.Select(position => (position, index[position])).OrderBy(file => file.Item2.TarOffset)];

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

    private sealed class FilePart(SafeFileHandle file, long offset, long length) : ReadOnlyStream
    {
        private long _at;

        public override int Read(Span<byte> buffer)
        {
            var count = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, length - _at)], offset + _at);
            _at += count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
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
            var count = await tar.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Left)], cancellationToken).ConfigureAwait(false);
            Left -= count;
            return count;
        }
    }
}

using System.Buffers;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Strata.Content.Compression;
using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Build;

/// <summary>A tar archive that ADD puts into the image unpacked: its tar lies in a temporary file while the layer is written.</summary>
internal sealed class UnpackedArchive : IDisposable
{
    private const int HeaderSize = 512;
    private const int BufferSize = 256 * 1024;

    private readonly FileStream _tar;

    private UnpackedArchive(FileStream tar, SourceMatch match)
    {
        _tar = tar;
        Match = match;
    }

    /// <summary>The archive as a directory.</summary>
    public SourceMatch Match { get; }

    /// <summary>Whether ADD unpacks a file: its content counts, not its name, and one header of a tar must be readable.</summary>
    public static bool IsArchive(ContextTree tree, SourceEntry entry)
    {
        using var cursor = tree.OpenCursor();
        using var file = ContextTree.OpenFile(cursor, entry);
        Span<byte> head = stackalloc byte[HeaderSize];
        head = head[..RandomAccess.Read(file, head, 0)];
        if (head.StartsWith("BZh"u8) || head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']))
        {
            throw new CopyException($"\"{entry.Path}\" is compressed in a way that ADD can't unpack yet; make it a .tar.gz or .tar.zst, or COPY it and unpack it in a RUN");
        }
        if (LayerDecompression.Detect(head) == LayerCompression.None)
        {
            return IsTarHeader(head);
        }
        try
        {
            using var content = LayerDecompression.Open(new FileSliceStream(file, 0, entry.Size));
            var block = new byte[HeaderSize];
            return IsTarHeader(block.AsSpan(0, content.ReadAtLeast(block, HeaderSize, throwOnEndOfStream: false)));
        }
        catch (InvalidDataException)
        {
            // It only looks compressed: a file like any other.
            return false;
        }
    }

    /// <summary>Throws <see cref="FileChangedException"/> when the archive isn't the one that was read before.</summary>
    public static UnpackedArchive Open(ContextTree tree, SourceEntry entry, Digest expected, UnpackWork work)
    {
        using var cursor = tree.OpenCursor();
        using var file = ContextTree.OpenFile(cursor, entry);
        var limit = work.Limit.For(entry.Size);
        var tar = TemporaryFile.Create(work.Directory);
        try
        {
            using var hasher = new ContentHasher();
            using (var content = LayerDecompression.Open(new HashingReader(new FileSliceStream(file, 0, entry.Size), hasher)))
            using (var bounded = new BoundedStream(content, limit, "an archive"))
            {
                Copy(bounded, tar, work.Ct);
            }
            if (hasher.Current() != expected)
            {
                throw new FileChangedException(entry.Path);
            }
            tar.Position = 0;
            var index = LayerIndexer.Index(tar, IndexLimits.Default, work.Ct);
            return new UnpackedArchive(tar, MatchOf(entry.Path, index, tar.SafeFileHandle, work.Ct));
        }
        catch (Exception e)
        {
            tar.Dispose();
            throw e switch
            {
                InvalidLayerException invalid => new CopyException($"\"{entry.Path}\" can't be unpacked: {invalid.Problem}"),
                ContentTooLargeException => TooLarge(entry, limit),
                InvalidDataException broken => new CopyException($"\"{entry.Path}\" can't be unpacked: {broken.Message}"),
                _ => e,
            };
        }
    }

    public void Dispose() => _tar.Dispose();

    private static void Copy(Stream content, FileStream tar, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int length;
            while ((length = content.Read(buffer)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                tar.Write(buffer, 0, length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static CopyException TooLarge(SourceEntry entry, long limit) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"\"{entry.Path}\" can't be unpacked: it holds more than {limit:N0} bytes, too many for an archive of {entry.Size:N0}; unpack it before the build and COPY what it holds"));

    private static SourceMatch MatchOf(ImagePath path, LayerIndex index, SafeFileHandle tar, CancellationToken cancellationToken)
    {
        for (var i = 0; i < index.Count; i++)
        {
            if (index[i].IsWhiteout)
            {
                throw new CopyException($"\"{path}\" can't be unpacked: it holds {index[i].Path}, whose name marks a deleted file in a layer");
            }
        }
        var tree = new ImageTree(MergedTree.Of([index]), [index], path.ToString());
        var entries = new List<SelectedEntry>();
        foreach (var entry in tree.Walk(ImagePath.Root, cancellationToken))
        {
            if (!entry.IsRegular)
            {
                entries.Add(new SelectedEntry(entry.Path, entry));
                continue;
            }
            var offset = index[entry.Position].TarOffset;
            if (offset < 0)
            {
                throw new CopyException($"\"{path}\" can't be unpacked: {entry.Path} in it is a sparse file");
            }
            entries.Add(new SelectedEntry(entry.Path, entry with { Layer = -1, Archive = new ArchivePlace(tar, offset) }));
        }
        return new SourceMatch(path, entries, IsDirectory: true);
    }

    /// <summary>The checksum of a header fits: bytes 148 to 155 hold the sum of all, themselves counted as blanks.</summary>
    private static bool IsTarHeader(ReadOnlySpan<byte> block)
    {
        if (block.Length < HeaderSize)
        {
            return false;
        }
        var written = 0;
        foreach (var digit in block[148..156].Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }
            written = (written * 8) + (digit - '0');
        }
        var sum = 8 * ' ';
        foreach (var b in block[..148])
        {
            sum += b;
        }
        foreach (var b in block[156..])
        {
            sum += b;
        }
        return sum == written;
    }

    private sealed class HashingReader(Stream source, ContentHasher hasher) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            var length = source.Read(buffer);
            hasher.Append(buffer[..length]);
            return length;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));
    }
}

/// <param name="Directory">Takes the temporary file.</param>
internal sealed record UnpackWork(string Directory, UnpackLimit Limit, CancellationToken Ct);

/// <summary>Where a file's bytes lie in the tar of an archive.</summary>
internal sealed record ArchivePlace(SafeFileHandle Tar, long Offset);

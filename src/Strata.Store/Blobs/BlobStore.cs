using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>
/// Bytes by digest, one file each. A blob is present when its row is; the file is there before the row comes and until the row has gone.
/// Any number of threads and processes may bring the same blob at once.
/// </summary>
public sealed class BlobStore
{
    private const int PieceSize = 256 * 1024;
    private readonly StoreContext _context;

    internal BlobStore(StoreContext context) => _context = context;

    /// <summary>The blob's size; null when it's not here.</summary>
    public long? Find(Digest digest) => _context.Database.Read(s => SizeOf(s, digest));

    /// <summary>Whether the blob is here; then it stays as long as this store is open.</summary>
    public ValueTask<bool> LeaseAsync(Digest digest, CancellationToken cancellationToken) =>
        _context.LeaseAsync(digest.ToString(), s => SizeOf(s, digest) is not null, cancellationToken);

    /// <summary>The bytes as a stream that fails at its end unless they are the digest's; null when the blob's not here.</summary>
    public Stream? Open(Digest digest) =>
        Find(digest) is { } size ? new VerifyingStream(OpenFile(digest), digest, size) : null;

    /// <summary>All bytes of a small blob, verified; null when it's not here.</summary>
    public byte[]? ReadAll(Digest digest)
    {
        using var stream = Open(digest);
        if (stream is null)
        {
            return null;
        }
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }

    /// <summary>As <see cref="ReadAll"/>, of an image's config, which may be whatever a manifest named.</summary>
    /// <exception cref="InvalidImageException">It is larger than <see cref="ImageConfig.MaxSize"/>.</exception>
    /// <exception cref="StoreException">Its bytes are no longer those of its digest.</exception>
    public byte[]? ReadConfig(Digest image)
    {
        if (Find(image) is > ImageConfig.MaxSize and var size)
        {
            throw new InvalidImageException($"The image's config {image} has {size:N0} bytes; {ImageConfig.MaxSize:N0} are the most. Ask whoever made the image.");
        }
        try
        {
            return ReadAll(image);
        }
        catch (ContentMismatchException e)
        {
            throw new StoreException(
                $"The image's config {image} is damaged in the store {_context.Folders.Root}. Run 'strata system verify --repair', then pull or build the image again.", e);
        }
    }

    /// <summary>Takes the blob from <paramref name="content"/>, reading it to its end. Content that is not the descriptor's is refused and leaves nothing.</summary>
    /// <exception cref="ContentMismatchException">It is other content.</exception>
    /// <exception cref="StoreException">The disk is full.</exception>
    public async Task PutAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        var verified = VerifyingStream.Over(content, blob);
        if (await LeaseAsync(blob.Digest, cancellationToken))
        {
            await verified.CopyToAsync(Stream.Null, PieceSize, cancellationToken);
            return;
        }
        using var upload = Begin(blob.Digest.Algorithm);
        await CopyAsync(verified, upload, cancellationToken);
        await upload.PublishAsync(blob.Digest, null, null, [], cancellationToken);
    }

    /// <summary>As <see cref="PutAsync(Descriptor, Stream, CancellationToken)"/>, in the place of a file that is there and is not believed.</summary>
    internal async Task ReplaceAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        using var upload = Begin(blob.Digest.Algorithm);
        await CopyAsync(VerifyingStream.Over(content, blob), upload, cancellationToken);
        await upload.PublishAsync(blob.Digest, null, null, [], cancellationToken);
    }

    /// <summary>Takes bytes that are in memory, and names them.</summary>
    public async Task<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var digest = Digest.Of(content.Span);
        if (!await LeaseAsync(digest, cancellationToken))
        {
            using var upload = Begin(DigestAlgorithm.Sha256);
            upload.Append(content.Span);
            await upload.PublishAsync(digest, null, null, [], cancellationToken);
        }
        return digest;
    }

    /// <summary>Begins a blob whose digest is found while it's written.</summary>
    public BlobUpload BeginUpload(DigestAlgorithm algorithm = DigestAlgorithm.Sha256) => Begin(algorithm);

    internal BlobUpload Begin(DigestAlgorithm algorithm)
    {
        _context.Leases.Begin();
        return new BlobUpload(_context, algorithm);
    }

    internal static long? SizeOf(SqliteSession session, Digest digest) => session.Number("SELECT size FROM blobs WHERE digest=?1", digest.ToString());

    internal static void Insert(SqliteSession session, Digest digest, long size, long now) =>
        session.Execute("INSERT INTO blobs(digest, size, added) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING", digest.ToString(), size, now);

    internal FileStream OpenFile(Digest digest)
    {
        var path = _context.Folders.Blob(digest);
        try
        {
            return new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete });
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException($"The blob {digest} is missing from the store {_context.Folders.Root}. Run 'strata system verify --repair', then pull or build the image again.", e) { IsMissing = true };
        }
    }

    internal SafeFileHandle OpenHandle(Digest digest)
    {
        using var stream = OpenFile(digest);
        return File.OpenHandle(stream.Name, share: FileShare.ReadWrite | FileShare.Delete);
    }

    private static async Task CopyAsync(Stream content, BlobUpload upload, CancellationToken cancellationToken)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            while (true)
            {
                var length = await content.ReadAtLeastAsync(piece.AsMemory(0, PieceSize), PieceSize, throwOnEndOfStream: false, cancellationToken);
                if (length == 0)
                {
                    return;
                }
                upload.AppendUnhashed(piece.AsSpan(0, length));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}

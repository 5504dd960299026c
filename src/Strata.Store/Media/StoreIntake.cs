using System.Buffers;
using Strata.Content.Media.Archives;
using Strata.Oci;

namespace Strata.Store;

/// <summary>Takes the files of an archive as blobs. What no image comes to refer to is garbage as soon as the store is closed.</summary>
public sealed class StoreIntake(LocalStore store) : IBlobIntake
{
    private const int PieceSize = 1 << 20;

    public async ValueTask<Digest> TakeAsync(Stream content, long size, Digest? claimed, CancellationToken cancellationToken)
    {
        if (claimed is { } digest)
        {
            await store.Blobs.PutAsync(new Descriptor { MediaType = MediaTypes.OctetStream, Digest = digest, Size = size }, content, cancellationToken);
            return digest;
        }
        using var upload = store.Blobs.BeginUpload();
        var piece = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            while (await content.ReadAsync(piece, cancellationToken) is > 0 and var length)
            {
                upload.Append(piece.AsSpan(0, length));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
        return await upload.CommitAsync(cancellationToken);
    }

    public Stream Open(Digest digest) => store.Blobs.Open(digest) ?? throw new StoreException($"The blob {digest} has just been removed from the store.");
}

using System.Collections.Concurrent;
using Strata.Content.Compression;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>Makes other forms of layers in temporary files, for sources that have no store behind them.</summary>
/// <param name="source">Where the layers come from.</param>
/// <param name="folder">Where the temporary files are; they end with this object.</param>
public sealed class LayerSpool(IImageReader source, string folder) : ILayerRecoder, IDisposable
{
    private const int PieceSize = 1 << 20;

    private readonly ConcurrentDictionary<Digest, NamelessFile> _files = new();
    private readonly ConcurrentBag<NamelessFile> _all = [];

    public async ValueTask<Descriptor> RecodeAsync(Descriptor layer, Digest diffId, LayerEncoder? encoder, CancellationToken cancellationToken)
    {
        var blob = await source.OpenBlobAsync(layer, cancellationToken)
            ?? throw new InvalidImageException($"The image names the blob {layer.Digest}, which is not there.");
        await using var tar = LayerDecompression.Open(blob);
        var file = NamelessFile.Create(folder);
        _all.Add(file);
        await using var stream = file.OpenStream();
        await using var made = new DigestingStream(stream);
        using var unpacked = new ContentHasher(diffId.Algorithm);
        await using (var compressor = encoder?.Open(made))
        {
            var piece = new byte[PieceSize];
            while (await tar.ReadAsync(piece, cancellationToken) is > 0 and var length)
            {
                unpacked.Append(piece.AsSpan(0, length));
                await (compressor ?? (Stream)made).WriteAsync(piece.AsMemory(0, length), cancellationToken);
            }
            if (compressor is not null)
            {
                await compressor.CompleteAsync(cancellationToken);
            }
        }
        if (unpacked.Current() is var actual && actual != diffId)
        {
            throw new InvalidImageException($"The layer {layer.Digest} unpacks to {actual}; the image's config says {diffId}.");
        }
        _files[made.Digest()] = file;
        return new Descriptor { MediaType = encoder?.MediaType ?? MediaTypes.OciLayerTar, Digest = made.Digest(), Size = made.Length };
    }

    public ValueTask<Stream?> OpenAsync(Descriptor blob, CancellationToken cancellationToken) => ValueTask.FromResult<Stream?>(
        _files.TryGetValue(blob.Digest, out var file) ? new VerifyingStream(new FileSliceStream(file.Handle, 0, blob.Size), blob.Digest, blob.Size) : null);

    public void Dispose()
    {
        foreach (var file in _all)
        {
            file.Dispose();
        }
    }
}

using Strata.Content.Layers;

namespace Strata.Store;

/// <summary>A layer on its way in. Disposed without a commit it leaves nothing behind.</summary>
public sealed class PendingLayer : IAsyncDisposable
{
    private readonly LayerStore _layers;
    private readonly BlobUpload _upload;

    internal PendingLayer(LayerStore layers, BlobUpload upload)
    {
        _layers = layers;
        _upload = upload;
        Tar = new UploadStream(upload, hashed: false);
    }

    /// <summary>Takes the uncompressed tar; best in large pieces.</summary>
    public Stream Tar { get; }

    /// <summary>
    /// Makes the layer known under its diff id, durably. <paramref name="index"/> was made while the tar was written, by a
    /// <see cref="LayerBuilder"/> on <see cref="Tar"/>. A layer that is there already is no error.
    /// </summary>
    public async ValueTask CommitAsync(LayerIndex index, CancellationToken cancellationToken)
    {
        if (index.TarSize != _upload.Length)
        {
            throw new InvalidOperationException($"The index is of a tar of {index.TarSize} bytes, but {_upload.Length} were written.");
        }
        await _layers.CommitAsync(_upload, index, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _upload.Dispose();
        return ValueTask.CompletedTask;
    }
}

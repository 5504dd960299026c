using Strata.Build;
using Strata.Content.Layers;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Building;

/// <summary>The store's layers, as a build sees them.</summary>
internal sealed class StoreLayers(LocalStore store) : ILayerAccess
{
    public ValueTask<LayerIndex> OpenIndexAsync(Digest diffId, CancellationToken cancellationToken) => store.Layers.OpenIndexAsync(diffId, cancellationToken);

    public ILayerWriter Begin() => new Writer(store.Layers.Begin());

    public ValueTask ReadFilesAsync(Digest diffId, IReadOnlyList<int> positions, Action<int, Stream> receive, CancellationToken cancellationToken) =>
        store.Layers.ReadFilesAsync(diffId, positions, receive, cancellationToken);

    private sealed class Writer(PendingLayer pending) : ILayerWriter
    {
        public Stream Tar => pending.Tar;

        public ValueTask CommitAsync(LayerIndex index, CancellationToken cancellationToken) => pending.CommitAsync(index, cancellationToken);

        public ValueTask DisposeAsync() => pending.DisposeAsync();
    }
}

using Strata.Build;
using Strata.Content.Layers;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Building;

/// <summary>The store's layers, as a build sees them.</summary>
internal sealed class StoreLayers(LocalStore store) : ILayerAccess
{
    public ValueTask<LayerIndex> OpenIndexAsync(Digest diffId, CancellationToken ct) => store.Layers.OpenIndexAsync(diffId, ct);

    public ILayerWriter Begin() => new Writer(store.Layers.Begin());

    public ValueTask ReadFilesAsync(Digest diffId, IReadOnlyList<int> positions, Action<int, Stream> receive, CancellationToken ct) =>
        store.Layers.ReadFilesAsync(diffId, positions, receive, ct);

    private sealed class Writer(PendingLayer pending) : ILayerWriter
    {
        public Stream Tar => pending.Tar;

        public ValueTask CommitAsync(LayerIndex index, CancellationToken ct) => pending.CommitAsync(index, ct);

        public ValueTask DisposeAsync() => pending.DisposeAsync();
    }
}

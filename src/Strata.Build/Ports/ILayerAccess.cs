using Strata.Content.Layers;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The layers a build reads and writes.</summary>
public interface ILayerAccess
{
    /// <summary>The index of a layer of a resolved image or of an earlier step, fetched where it's not here yet.</summary>
    ValueTask<LayerIndex> OpenIndexAsync(Digest diffId, CancellationToken cancellationToken);

    ILayerWriter Begin();

    /// <summary>
    /// Gives the content of regular files of one layer. <paramref name="positions"/> are positions in its index, ascending;
    /// <paramref name="receive"/> is called once for each, in any order, one at a time, and need not read to the end.
    /// </summary>
    ValueTask ReadFilesAsync(Digest diffId, IReadOnlyList<int> positions, Action<int, Stream> receive, CancellationToken cancellationToken);
}

/// <summary>A layer on its way in. Disposed without a commit it leaves nothing behind.</summary>
public interface ILayerWriter : IAsyncDisposable
{
    /// <summary>Takes the uncompressed tar.</summary>
    Stream Tar { get; }

    /// <summary>Makes the layer known under its diff id. A layer that is there already is no error.</summary>
    ValueTask CommitAsync(LayerIndex index, CancellationToken cancellationToken);
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Strata.Content.Layers;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Opens the layers of a build, each once.</summary>
internal sealed class LayerReader(ILayerAccess access)
{
    private readonly ConcurrentDictionary<Digest, Task<LayerIndex>> _indexes = [];

    public async Task<OpenedLayers> OpenAsync(ImmutableArray<Digest> diffIds, CancellationToken cancellationToken)
    {
        var indexes = await Task.WhenAll(diffIds.Select(diffId => _indexes.GetOrAdd(diffId, id => access.OpenIndexAsync(id, cancellationToken).AsTask())));
        return new OpenedLayers(MergedTree.Of(indexes), indexes, diffIds);
    }

    /// <summary>The bytes of a small file, links followed; empty where there's no such file, or where it's larger than <paramref name="largest"/>.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(OpenedLayers layers, ImagePath path, long largest, CancellationToken cancellationToken)
    {
        if (layers.Tree.Resolve(path, followLast: true) is not { Entry: { IsFile: true } entry } found || entry.Size > largest)
        {
            return default;
        }
        // Indexes of an earlier version have an empty value where a file was too large to be kept in them.
        if (entry.Inline is { } inline && inline.Length == entry.Size)
        {
            return inline;
        }
        var position = entry.Kind == EntryKind.HardLink
            ? layers.Indexes[found.Layer].Find(ImagePath.FromClean(entry.LinkTarget.ToArray()))
            : found.Position;
        using var content = new MemoryStream();
        await access.ReadFilesAsync(layers.DiffIds[found.Layer], [position], (_, stream) => stream.CopyTo(content), cancellationToken);
        return content.ToArray();
    }
}

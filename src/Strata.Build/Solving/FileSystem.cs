using System.Collections.Immutable;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The result of a vertex: a stack of layers.</summary>
/// <param name="Layers">Diff ids, lowest first.</param>
/// <param name="Newest">The newest time that went into it.</param>
/// <param name="Own">The layer this vertex added; null when it added none.</param>
internal sealed record FileSystem(ImmutableArray<Digest> Layers, FileTime Newest, StepLayer? Own)
{
    public static FileSystem Empty { get; } = new([], default, null);

    public FileSystem With(CachedStep step) => step.Layer is { } diffId
        ? new FileSystem(Layers.Add(diffId), Newest.Latest(step.Newest), new StepLayer(diffId, step.LayerSize))
        : this with { Own = null };
}

/// <param name="Size">Of the tar, in bytes.</param>
internal sealed record StepLayer(Digest DiffId, long Size);

/// <summary>A stack of layers opened: what it shows, and the indexes that say so.</summary>
internal sealed record OpenedLayers(MergedTree Tree, IReadOnlyList<LayerIndex> Indexes, ImmutableArray<Digest> DiffIds);

namespace Strata.Content.Layers;

/// <summary>What one or more names of a layer are names of: an inode.</summary>
internal sealed class LayerBody(LayerEntry attributes)
{
    internal LayerEntry Attributes { get; set; } = attributes;

    /// <summary>Where the content, or its first part, starts in the tar.</summary>
    internal long ContentOffset { get; init; } = -1;

    internal bool IsSparse { get; init; }

    /// <summary>All names there were, in the order of the tar.</summary>
    internal List<LayerNode> Names { get; } = [];
}

using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>A name in a layer whose tar is being read.</summary>
internal sealed class LayerNode(ImagePath path, LayerNode? parent, LayerInode? inode)
{
    internal ImagePath Path => path;

    internal LayerNode? Parent => parent;

    /// <summary>Null: a directory that has no entry of its own so far.</summary>
    internal LayerInode? Inode { get; set; } = inode;

    internal List<LayerNode>? Children { get; set; }

    /// <summary>False once a later entry has taken its place.</summary>
    internal bool IsAlive { get; set; } = true;

    internal bool IsDirectory => Inode is null || Inode.Kind == EntryKind.Directory;
}

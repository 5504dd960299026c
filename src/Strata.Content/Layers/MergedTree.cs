using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>What an overlay mount of a stack of layers would show; pure, and safe for any number of threads.</summary>
public sealed class MergedTree
{
    public static MergedTree Empty => throw new NotImplementedException();
    public static MergedTree Of(IReadOnlyList<LayerIndex> lowestFirst) => throw new NotImplementedException();

    /// <summary>No link is followed in any part of the path. The root is always found.</summary>
    public MergedEntry? Find(ImagePath path) => throw new NotImplementedException();

    /// <summary>Follows links inside the root, as chroot would; null where something is missing or links go round. The entry's path is the real one.</summary>
    public MergedEntry? Resolve(ImagePath path, bool followLast) => throw new NotImplementedException();

    /// <summary>In <see cref="PathOrder"/>; none where there is no directory.</summary>
    public IEnumerable<MergedEntry> Children(ImagePath directory) => throw new NotImplementedException();

    /// <summary>All below <paramref name="from"/>, itself excluded, in <see cref="PathOrder"/>: parents first.</summary>
    public IEnumerable<MergedEntry> Walk(ImagePath from) => throw new NotImplementedException();
}

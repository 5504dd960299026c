using Strata.Oci;

namespace Strata.Store;

/// <summary>One thing that a removal did. A closed family.</summary>
public abstract record RemovedItem
{
    private RemovedItem()
    {
    }

    public sealed record Untagged(Reference Name) : RemovedItem;

    /// <summary>An image's id, or the diff id of a layer that nothing else used.</summary>
    public sealed record Deleted(Digest Content) : RemovedItem;
}

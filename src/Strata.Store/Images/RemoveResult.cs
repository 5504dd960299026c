using Strata.Oci;

namespace Strata.Store;

/// <summary>How the removal of an image went. A closed family.</summary>
public abstract record RemoveResult
{
    private RemoveResult()
    {
    }

    /// <summary>In the order in which it happened.</summary>
    public sealed record Removed(IReadOnlyList<RemovedItem> Items) : RemoveResult;

    public sealed record NotFound : RemoveResult;

    public sealed record Ambiguous(IReadOnlyList<Digest> Images) : RemoveResult;

    /// <summary>Containers are made of it. Force removes the names, and leaves the image to its containers.</summary>
    public sealed record InUse(Digest Image, IReadOnlyList<ContainerRecord> Containers) : RemoveResult;

    /// <summary>It was named by id and has names in several repositories; force removes them all.</summary>
    public sealed record SeveralNames(Digest Image, IReadOnlyList<Reference> Names) : RemoveResult;
}

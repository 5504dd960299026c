using Strata.Oci;

namespace Strata.Store;

/// <summary>What a person's text (a name, an id or its beginning, a digest) means in the store. A closed family.</summary>
public abstract record ImageLookup
{
    private ImageLookup()
    {
    }

    /// <param name="Image">The image's id.</param>
    /// <param name="Manifest">The manifest or index that the name or digest stands for; null where only the image is known.</param>
    /// <param name="Name">The name it was found by; null when it was found by id.</param>
    public sealed record Found(Digest Image, Digest? Manifest, Reference? Name) : ImageLookup;

    public sealed record NotFound : ImageLookup;

    /// <summary>Several ids begin like this.</summary>
    public sealed record Ambiguous(IReadOnlyList<Digest> Images) : ImageLookup;
}

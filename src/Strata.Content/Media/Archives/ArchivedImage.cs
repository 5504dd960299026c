using Strata.Oci;

namespace Strata.Content.Media.Archives;

/// <summary>An image of an archive.</summary>
/// <param name="Manifest">Its manifest or index; one that was made up where the archive has none.</param>
/// <param name="Names">Whole names, with tags; empty where the archive gives none.</param>
/// <param name="Tags">Tags without a repository's name, as layouts have them.</param>
public sealed record ArchivedImage(StoredManifest Manifest, IReadOnlyList<Reference> Names, IReadOnlyList<string> Tags)
{
    /// <summary>The manifest was made up from a docker archive's own list, and is nobody's but this reader's.</summary>
    public bool IsMadeUp { get; init; }
}

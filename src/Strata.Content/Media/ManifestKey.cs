using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>What a manifest is asked for by: its digest, or a tag.</summary>
public readonly record struct ManifestKey
{
    private ManifestKey(Tag? tag, Digest? digest) => (Tag, Digest) = (tag, digest);

    public Tag? Tag { get; }
    public Digest? Digest { get; }

    public static ManifestKey ByTag(Tag tag) => new(tag, null);

    public static ManifestKey ByDigest(Digest digest) => new(null, digest);

    /// <summary>A reference's digest where it has one (the tag is then only a remark), else its tag, else <c>latest</c>.</summary>
    public static ManifestKey Of(Reference reference) => reference.Digest is { } digest
        ? ByDigest(digest)
        : ByTag(reference.Tag ?? Oci.Tag.Latest);

    public override string ToString() => Digest?.ToString() ?? Tag?.ToString() ?? "";
}

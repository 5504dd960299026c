using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Host.Images;

/// <summary>What a registry says of an image, without its layers being fetched.</summary>
public sealed record RemoteFacts
{
    public required Reference Name { get; init; }

    /// <summary>What the name stands for there: a manifest, or an index of several.</summary>
    public required StoredManifest Root { get; init; }

    /// <summary>Null where the name stands for one manifest.</summary>
    public ImageIndex? Index { get; init; }

    /// <summary>Of the platform asked for; null where the index has none for this machine.</summary>
    public Manifest? Manifest { get; init; }

    public ReadOnlyMemory<byte> ConfigBytes { get; init; }

    /// <summary>Null for an artifact that is no image.</summary>
    public ImageConfig? Config { get; init; }

    public IReadOnlyList<Tag> Tags { get; init; } = [];

    /// <summary>Manifest and config, for those who can do nothing without an image.</summary>
    /// <exception cref="StrataException">The name stands for an artifact, or has no image for this machine.</exception>
    public (Manifest Manifest, ImageConfig Config) RequireImage() => (Manifest, Config) switch
    {
        ({ } manifest, { } config) => (manifest, config),
        ({ } artifact, null) => throw new StrataException(
            $"{Name.Familiar} is no image: its config is {artifact.Config.MediaType}", $"`strata inspect --raw docker://{Name.Familiar}` shows its manifest"),
        _ => throw new StrataException($"{Name.Familiar} has no image for this machine", $"`strata inspect docker://{Name.Familiar}` lists what there is"),
    };
}

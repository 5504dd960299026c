using System.Collections.Immutable;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The result of a build: the config, and layers that are all in the store.</summary>
public sealed record BuiltImage
{
    public required ImageConfig Config { get; init; }

    /// <summary>The config as it's to be stored; its digest is the ImageID.</summary>
    public required ReadOnlyMemory<byte> ConfigBytes { get; init; }

    public required ImmutableArray<BuiltLayer> Layers { get; init; }

    /// <summary>Images that were used, in the order of the Dockerfile.</summary>
    public required ImmutableArray<UsedImage> Images { get; init; }

    public Digest ImageId => Digest.Of(ConfigBytes.Span);
}

/// <param name="CreatedBy">The instruction, as in the image's history; null for layers of the base.</param>
/// <param name="Size">Of the uncompressed tar in bytes; null for layers of the base.</param>
public sealed record BuiltLayer(Digest DiffId, string? CreatedBy, long? Size);

public sealed record UsedImage(Reference Reference, Digest Digest);

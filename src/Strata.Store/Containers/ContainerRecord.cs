using Strata.Oci;

namespace Strata.Store;

/// <summary>A container. Whether it runs, and how it ended, its folder says.</summary>
public sealed record ContainerRecord
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Unique in the store.</summary>
    public required string Name { get; init; }

    /// <summary>The image's id; the image stays as long as the container does.</summary>
    public required Digest Image { get; init; }

    /// <summary>What the image was called when the container was made.</summary>
    public string? ImageName { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>How it runs, in a form that only its maker reads.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }
}

using Strata.Oci;

namespace Strata.Store;

public enum ContainerState
{
    Created = 0,
    Running = 1,
    Exited = 2,
}

/// <summary>A container.</summary>
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

    public ContainerState State { get; init; }

    /// <summary>Of the monitor.</summary>
    public int? ProcessId { get; init; }

    /// <summary>In clock ticks since boot: with the number it names a process for good.</summary>
    public ulong? ProcessStart { get; init; }

    public int? ExitCode { get; init; }
    public required DateTimeOffset Created { get; init; }
    public DateTimeOffset? Started { get; init; }
    public DateTimeOffset? Finished { get; init; }

    /// <summary>How it runs, in a form that only its maker reads.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }
}

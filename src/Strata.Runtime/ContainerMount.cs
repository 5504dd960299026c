using System.Text.Json.Serialization;

namespace Strata.Runtime;

/// <summary>
/// Something shown inside at <see cref="Target"/>, an absolute path; links in it are followed inside the container's
/// root. A missing mount point is made, and in a build step removed again.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(BindMount), "bind")]
[JsonDerivedType(typeof(TmpfsMount), "tmpfs")]
[JsonDerivedType(typeof(ContentMount), "content")]
[JsonDerivedType(typeof(LayersMount), "layers")]
public abstract record ContainerMount
{
    public required string Target { get; init; }
}

/// <summary>A directory, file or socket of the host.</summary>
public sealed record BindMount : ContainerMount
{
    public required string Source { get; init; }

    /// <summary>A path below <see cref="Source"/>, resolved inside it, whatever links there are; null: the source itself.</summary>
    public string? SubPath { get; init; }

    public bool ReadOnly { get; init; }
}

/// <summary>An empty directory in memory.</summary>
public sealed record TmpfsMount : ContainerMount
{
    /// <summary>In bytes; null: the kernel's default, half of the memory.</summary>
    public long? Size { get; init; }

    /// <summary>Permission bits of the directory.</summary>
    public uint Mode { get; init; } = 0x3FF; // 01777
}

/// <summary>A file made of these bytes, in memory only: a secret, a generated /etc/hosts.</summary>
public sealed record ContentMount : ContainerMount
{
    public required ReadOnlyMemory<byte> Content { get; init; }
    public uint Mode { get; init; } = 0x1A4; // 0644
    public uint UserId { get; init; }
    public uint GroupId { get; init; }

    /// <summary>What is written to a writable one is gone afterwards.</summary>
    public bool ReadOnly { get; init; }
}

/// <summary>Another image's or stage's files.</summary>
public sealed record LayersMount : ContainerMount
{
    /// <summary>Snapshots, lowest first.</summary>
    public required IReadOnlyList<string> Snapshots { get; init; }

    /// <summary>A path in them, resolved inside; null: their root.</summary>
    public string? SubPath { get; init; }

    /// <summary>What is written is thrown away.</summary>
    public bool Writable { get; init; }
}

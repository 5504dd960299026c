namespace Strata.Dockerfile;

public enum CacheSharing
{
    /// <summary>Any number of steps use the cache at once.</summary>
    Shared,

    /// <summary>A step that finds it in use gets a new one.</summary>
    Private,

    /// <summary>A step that finds it in use waits.</summary>
    Locked,
}

/// <summary>A mount of a RUN with every value known. Paths may still be relative to the working directory.</summary>
public abstract record Mount
{
    private protected Mount()
    {
    }

    /// <summary>Null where the kind of mount allows to leave it out and it was.</summary>
    public string? Target { get; init; }

    public bool ReadOnly { get; init; }
}

/// <summary>What is written to it is thrown away.</summary>
public sealed record BindMount : Mount
{
    /// <summary>A stage, image or named context; null means the build context.</summary>
    public string? From { get; init; }

    /// <summary>Null means the root.</summary>
    public string? Source { get; init; }
}

public sealed record CacheMount : Mount
{
    /// <summary>Null means the cleaned target.</summary>
    public string? Id { get; init; }

    public CacheSharing Sharing { get; init; }

    /// <summary>Where the first content comes from; null means that the cache begins empty.</summary>
    public string? From { get; init; }

    public string? Source { get; init; }

    public FileOwnership Ownership { get; init; } = new(0b111_101_101, 0, 0);
}

public sealed record TmpfsMount : Mount
{
    /// <summary>In bytes; 0 means no limit.</summary>
    public long SizeLimit { get; init; }
}

/// <summary>A secret as a file, as an environment variable, or as both.</summary>
public sealed record SecretMount : Mount
{
    public required string Id { get; init; }

    /// <summary>The variable that gets the value; null means none. Without a <see cref="Mount.Target"/> there is no file then.</summary>
    public string? Variable { get; init; }

    public bool Required { get; init; }

    public FileOwnership Ownership { get; init; } = new(0b100_000_000, 0, 0);
}

/// <summary>The socket of an ssh agent.</summary>
public sealed record SshMount : Mount
{
    public string Id { get; init; } = "default";

    public bool Required { get; init; }

    public FileOwnership Ownership { get; init; } = new(0b110_000_000, 0, 0);
}

/// <summary>Permission bits and owner of what a mount puts into the container.</summary>
public readonly record struct FileOwnership(uint Mode, uint UserId, uint GroupId);

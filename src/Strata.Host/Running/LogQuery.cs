namespace Strata.Host.Running;

/// <summary>Which part of a container's log is wanted.</summary>
public sealed record LogQuery
{
    /// <summary>Only this many of the lines that are there; null: all.</summary>
    public int? Tail { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>What comes later is left out, and not waited for.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Goes on with what comes, until the container ends.</summary>
    public bool Follow { get; init; }
}

using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>What COPY and ADD have in common.</summary>
public abstract record FileInstruction : Instruction
{
    private protected FileInstruction()
    {
    }

    /// <summary>Paths (for ADD also URLs), without the heredocs. Sources that are heredocs come after them.</summary>
    public required ImmutableArray<string> Sources { get; init; }

    /// <summary>Heredocs used as sources: files of mode 0644 named <see cref="Heredoc.Name"/>.</summary>
    public ImmutableArray<Heredoc> Heredocs { get; init; } = [];

    public required string Destination { get; init; }

    public string? Chown { get; init; }

    public string? Chmod { get; init; }

    public bool Link { get; init; }

    /// <summary>Patterns of the ignore-file kind, not expanded.</summary>
    public ImmutableArray<string> Excludes { get; init; } = [];
}

public sealed record CopyInstruction : FileInstruction
{
    /// <summary>A stage (name or index), image or named context; null means the build context.</summary>
    public string? From { get; init; }

    public bool Parents { get; init; }
}

public sealed record AddInstruction : FileInstruction
{
    public string? Checksum { get; init; }

    public bool? KeepGitDir { get; init; }

    /// <summary>Null: local archives are unpacked, downloaded ones are not.</summary>
    public bool? Unpack { get; init; }
}

using System.Collections.Immutable;
using Strata.Dockerfile;
using Strata.Oci;

namespace Strata.Build;

/// <summary>A node of the build graph. Two with the same <see cref="Id"/> are one.</summary>
internal sealed class Vertex
{
    public required Op Op { get; init; }
    public required ImmutableArray<Vertex> Inputs { get; init; }

    /// <summary>Of the operation and everything it is built from, by definition: nothing has to be done to know it.</summary>
    public required Digest Id { get; init; }

    /// <summary>As the progress shows it.</summary>
    public required string Name { get; init; }

    /// <summary>Where in the Dockerfile it stands; null for what no line asked for.</summary>
    public SourceRange? Range { get; init; }

    /// <summary>Names the place in the Dockerfile from build to build, however the instruction there changes; null where nothing is cached.</summary>
    public Digest? Place { get; init; }

    /// <summary>The latest time that entries of its layer may carry.</summary>
    public Linux.FileTime? Clamp { get; init; }
}

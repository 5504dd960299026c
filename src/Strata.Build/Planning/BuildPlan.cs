using System.Collections.Immutable;
using Strata.Oci;

namespace Strata.Build;

/// <summary>A Dockerfile turned into a graph, and all of the image that isn't layers.</summary>
internal sealed record BuildPlan
{
    public required Vertex Target { get; init; }

    /// <summary>Everything but times, layers and history.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>Of the base image, kept as it is.</summary>
    public required ImmutableArray<HistoryEntry> BaseHistory { get; init; }

    public required ImmutableArray<PlannedHistory> History { get; init; }
    public required ImmutableArray<UsedImage> Images { get; init; }
}

/// <param name="Vertex">The step that may have made a layer; null for an instruction that only changes the config.</param>
internal sealed record PlannedHistory(string CreatedBy, Vertex? Vertex, string? Author);

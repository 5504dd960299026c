using Strata.Oci;

namespace Strata.Store;

/// <summary>The result of a build step that may be used again.</summary>
/// <param name="Layers">The diff ids that the result needs; they stay in the store as long as it does.</param>
/// <param name="Result">Whatever the build keeps of it.</param>
/// <param name="Size">Of the layers' tars, in bytes.</param>
/// <param name="Description">For people.</param>
public sealed record BuildStepRecord(Digest Key, IReadOnlyList<Digest> Layers, ReadOnlyMemory<byte> Result, long Size, string Description)
{
    /// <summary>What explains a later miss, kept with the result; null where there's none.</summary>
    public BuildStepTrace? Trace { get; init; }
}

/// <summary>Opaque bytes under a place.</summary>
public sealed record BuildStepTrace(Digest Place, ReadOnlyMemory<byte> Bytes);

/// <summary>A step in a listing.</summary>
public sealed record BuildStepSummary(Digest Key, string Description, long Size, DateTimeOffset Created, DateTimeOffset LastUsed, bool InUse);

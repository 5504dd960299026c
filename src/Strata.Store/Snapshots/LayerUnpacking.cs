using Strata.Oci;

namespace Strata.Store;

/// <summary>A layer becomes a directory, or has become one.</summary>
/// <param name="DiffId">Which.</param>
/// <param name="TarSize">Bytes of its tar; null where they are not known before it was read.</param>
/// <param name="IsDone">It is there.</param>
public sealed record LayerUnpacking(Digest DiffId, long? TarSize, bool IsDone);

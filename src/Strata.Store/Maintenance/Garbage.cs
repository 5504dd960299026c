namespace Strata.Store;

/// <summary>Kinds of things that are removed.</summary>
public enum GarbageKind
{
    Image,
    BuildStep,
    Layer,

    /// <summary>An index, or an artifact.</summary>
    Manifest,
    Blob,

    /// <summary>The bare tar of a layer that is kept compressed.</summary>
    Tar,
    Snapshot,
    Temporary,
}

/// <summary>One thing that nothing uses.</summary>
/// <param name="Key">The row's key; of a snapshot, its folder's name.</param>
/// <param name="Bytes">What it takes on the disk.</param>
internal sealed record Garbage(GarbageKind Kind, string Key, long Bytes);

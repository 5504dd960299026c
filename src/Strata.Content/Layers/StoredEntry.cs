namespace Strata.Content.Layers;

/// <summary>An entry with what only the index's file needs to know of it.</summary>
internal readonly record struct StoredEntry(LayerEntry Entry, long ContentOffset, bool IsSparse)
{
    internal static StoredEntry Of(LayerEntry entry) => new(entry, entry.TarOffset, false);
}

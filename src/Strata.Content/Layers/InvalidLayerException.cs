namespace Strata.Content.Layers;

/// <summary>A layer that is no sound tar, breaks the rules of layers, or is larger than allowed.</summary>
public sealed class InvalidLayerException : IOException
{
    public InvalidLayerException(string problem, string? entry, long offset)
        : base(entry is null
            ? $"The layer is refused: {problem} (at byte {offset} of its tar)."
            : $"The layer is refused: {problem} (entry {entry}, at byte {offset} of its tar).")
    {
        Problem = problem;
        Entry = entry;
        Offset = offset;
    }

    public string Problem { get; }

    /// <summary>The entry's name as the tar has it, made printable; null where none was read.</summary>
    public string? Entry { get; }

    /// <summary>Where in the uncompressed tar the entry's headers start.</summary>
    public long Offset { get; }
}

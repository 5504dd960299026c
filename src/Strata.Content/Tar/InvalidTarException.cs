namespace Strata.Content.Tar;

/// <summary>The bytes are no tar archive, or one that is damaged, cut off or larger than allowed.</summary>
public sealed class InvalidTarException(string problem, long offset, byte[]? name = null)
    : IOException($"The tar archive cannot be read: {problem} (at byte {offset}).")
{
    public string Problem { get; } = problem;

    /// <summary>The bytes end before what they began.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>Of the headers or the content that is wrong.</summary>
    public long Offset { get; } = offset;

    /// <summary>Of the member that is wrong; null where it was not read yet.</summary>
    public IReadOnlyList<byte>? Name { get; } = name;
}

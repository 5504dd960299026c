namespace Strata.Content.Tar;

/// <summary>What the special headers before a member said.</summary>
internal sealed class PendingHeaders(long offset)
{
    /// <summary>Where the first of the member's headers starts.</summary>
    internal long Offset => offset;

    internal byte[] Block { get; } = new byte[TarBlock.Size];

    internal long SpecialSize { get; set; }

    internal Dictionary<string, byte[]>? Local { get; set; }

    internal byte[]? LongName { get; set; }

    internal byte[]? LongLink { get; set; }
}

using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

internal enum GlobTokenKind
{
    Literal,

    /// <summary>One character but a slash.</summary>
    One,

    /// <summary>Any number of characters but slashes.</summary>
    Star,

    /// <summary>Anything at all.</summary>
    Everything,

    /// <summary>Nothing, or anything that ends in a slash.</summary>
    Folders,

    /// <summary>One of a set of characters; as in Go, a slash may be one of them.</summary>
    Class,
}

internal sealed record GlobToken(GlobTokenKind Kind)
{
    public byte[] Bytes { get; init; } = [];

    public ImmutableArray<(Rune First, Rune Last)> Ranges { get; init; } = [];

    public bool IsNegated { get; init; }

    public bool Contains(Rune rune) => Ranges.Any(range => rune >= range.First && rune <= range.Last) != IsNegated;
}

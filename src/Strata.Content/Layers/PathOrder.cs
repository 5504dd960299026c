namespace Strata.Content.Layers;

/// <summary>
/// The order of a layer's entries and of every walk: names compared byte by byte, directory by directory, so that a
/// directory is followed by what is in it (<c>a</c>, <c>a/x</c>, <c>a-b</c>). It is the byte order of paths with '/' before all other bytes.
/// </summary>
public static class PathOrder
{
    public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        var common = x.CommonPrefixLength(y);
        if (common == x.Length || common == y.Length)
        {
            return x.Length - y.Length;
        }
        return Rank(x[common]) - Rank(y[common]);
    }

    /// <summary>Whether the path is <paramref name="ancestor"/> or lies below it.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> ancestor) => ancestor.IsEmpty
        || (path.StartsWith(ancestor) && (path.Length == ancestor.Length || path[ancestor.Length] == (byte)'/'));

    // No path holds a NUL, so zero is free for the slash.
    private static int Rank(byte b) => b == (byte)'/' ? 0 : b;
}

namespace Strata.Content.Tar;

/// <summary>A long path in the two fields of a ustar header: prefix, a '/' that is not written, name.</summary>
internal static class UstarPath
{
    /// <summary>False where the path needs no prefix, fits no prefix, or is not ASCII.</summary>
    internal static bool TrySplit(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> name)
    {
        prefix = default;
        name = default;
        var length = path.Length;
        if (length <= TarBlock.NameSize || path.ContainsAnyExceptInRange((byte)1, (byte)0x7F))
        {
            return false;
        }
        if (length > TarBlock.PrefixSize + 1)
        {
            length = TarBlock.PrefixSize + 1;
        }
        else if (path[length - 1] == (byte)'/')
        {
            length--;
        }
        var slash = path[..length].LastIndexOf((byte)'/');
        var nameLength = path.Length - slash - 1;
        if (slash <= 0 || nameLength > TarBlock.NameSize || nameLength == 0 || slash > TarBlock.PrefixSize)
        {
            return false;
        }
        prefix = path[..slash];
        name = path[(slash + 1)..];
        return true;
    }
}

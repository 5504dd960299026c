using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>The names that are marks and no files (image-spec layer.md, "Whiteouts"; aufs for <c>.wh..wh.</c>).</summary>
internal static class WhiteoutName
{
    internal static ReadOnlySpan<byte> Prefix => ".wh."u8;

    internal static ReadOnlySpan<byte> Opaque => ".wh..wh..opq"u8;

    /// <summary>aufs's own files; an image has no use for them.</summary>
    private static ReadOnlySpan<byte> MetaPrefix => ".wh..wh."u8;

    internal enum Meaning
    {
        File,
        Whiteout,
        Opaque,
        Ignored,
        Invalid,
    }

    internal static Meaning Of(ImagePath path)
    {
        if (path.Bytes.IndexOf(Prefix) < 0)
        {
            return Meaning.File;
        }
        foreach (var range in path.Parent.Bytes.Split((byte)'/'))
        {
            var part = path.Parent.Bytes[range];
            if (part.StartsWith(Prefix))
            {
                return part.StartsWith(MetaPrefix) ? Meaning.Ignored : Meaning.Invalid;
            }
        }
        var name = path.Name;
        if (!name.StartsWith(Prefix))
        {
            return Meaning.File;
        }
        if (name.SequenceEqual(Opaque))
        {
            return Meaning.Opaque;
        }
        if (name.StartsWith(MetaPrefix))
        {
            return Meaning.Ignored;
        }
        // The path was cleaned with the prefix on, so what it hides may still be "", "." or "..".
        return name[Prefix.Length..] is [] or [(byte)'.'] or [(byte)'.', (byte)'.'] ? Meaning.Invalid : Meaning.Whiteout;
    }

    /// <summary>What the whiteout hides.</summary>
    internal static byte[] Hidden(ReadOnlySpan<byte> name) => name[Prefix.Length..].ToArray();

    /// <summary>The path of the file that hides <paramref name="hidden"/>.</summary>
    internal static ImagePath PathOf(ImagePath hidden) => hidden.Parent.Append([.. Prefix, .. hidden.Name]);

    /// <summary>Whether some part of the path is a name that no file of an image can have.</summary>
    internal static bool IsIn(ImagePath path) => path.Bytes.StartsWith(Prefix) || path.Bytes.IndexOf("/.wh."u8) >= 0;
}

using Strata.Content.Layers;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Follows symbolic links as chroot(2) would: nothing leads out of the root.</summary>
internal static class LinkResolver
{
    // As the kernel's limit for a whole path, with room: MAXSYMLINKS is 40.
    private const int MostLinks = 255;

    /// <summary>What stands at a path without links in it: its kind, and the target where it's a link; null where there's nothing.</summary>
    public delegate (EntryKind Kind, ReadOnlyMemory<byte> Target)? Lookup(ImagePath path);

    /// <summary>The path without links; parts that don't exist stay as they are. Null when links go round in circles.</summary>
    public static ImagePath? Resolve(ImagePath path, Lookup lookup)
    {
        var rest = new Stack<byte[]>();
        Push(rest, path.Bytes);
        var at = ImagePath.Root;
        var links = 0;
        while (rest.TryPop(out var part))
        {
            if (part is [] or [(byte)'.'])
            {
                continue;
            }
            if (part is [(byte)'.', (byte)'.'])
            {
                at = at.Parent;
                continue;
            }
            var next = at.Append(part);
            if (lookup(next) is not { Kind: EntryKind.SymbolicLink } link)
            {
                at = next;
                continue;
            }
            if (++links > MostLinks)
            {
                return null;
            }
            at = link.Target.Span is [(byte)'/', ..] ? ImagePath.Root : at;
            Push(rest, link.Target.Span);
        }
        return at;
    }

    private static void Push(Stack<byte[]> rest, ReadOnlySpan<byte> path)
    {
        var end = path.Length;
        for (var i = path.Length - 1; i >= -1; i--)
        {
            if (i < 0 || path[i] == (byte)'/')
            {
                rest.Push(path[(i + 1)..end].ToArray());
                end = i;
            }
        }
    }
}

using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// What an overlay mount of a stack of layers would show; pure, and safe for any number of threads. Nothing is merged before it is asked for.
/// </summary>
public sealed class MergedTree
{
    /// <summary>More links than this in one path go round in circles.</summary>
    private const int MostLinks = 255;
    private const uint ImpliedMode = 0x1ED;

    private readonly LayerIndex[] _layers;

    private MergedTree(LayerIndex[] layers) => _layers = layers;

    public static MergedTree Empty { get; } = new([]);

    public IReadOnlyList<LayerIndex> Layers => _layers;

    public static MergedTree Of(IReadOnlyList<LayerIndex> lowestFirst) => new([.. lowestFirst]);

    /// <summary>No link is followed in any part of the path. The root is always found.</summary>
    public MergedEntry? Find(ImagePath path) => FindBelow(path, _layers.Length);

    /// <summary>Follows links inside the root, as chroot would; null where something is missing or links go round. The entry's path is the real one.</summary>
    public MergedEntry? Resolve(ImagePath path, bool followLast)
    {
        var pending = new Stack<byte[]>();
        Push(path.Bytes, pending);
        var here = Find(ImagePath.Root);
        var links = 0;
        while (here is { } at && pending.TryPop(out var part))
        {
            if (!at.Entry.IsDirectory)
            {
                return null;
            }
            if (part is [(byte)'.', (byte)'.'])
            {
                here = Find(at.Path.Parent);
                continue;
            }
            here = Find(at.Path.Append(part));
            if (here is not { Entry.Kind: EntryKind.SymbolicLink } link || (pending.Count == 0 && !followLast))
            {
                continue;
            }
            if (++links > MostLinks)
            {
                return null;
            }
            var target = link.Entry.LinkTarget.Span;
            here = target.StartsWith("/"u8) ? Find(ImagePath.Root) : at;
            Push(target, pending);
        }
        return here;
    }

    /// <summary>In <see cref="PathOrder"/>; none where there is no directory.</summary>
    public IEnumerable<MergedEntry> Children(ImagePath directory)
    {
        var listing = new MergedListing(this, directory, Parts(directory));
        while (listing.Next(out var entry, out _))
        {
            yield return entry;
        }
    }

    /// <summary>All below <paramref name="from"/>, itself excluded, in <see cref="PathOrder"/>: parents first.</summary>
    public IEnumerable<MergedEntry> Walk(ImagePath from)
    {
        var levels = new Stack<MergedListing>();
        levels.Push(new MergedListing(this, from, Parts(from)));
        while (levels.TryPeek(out var level))
        {
            if (!level.Next(out var entry, out var parts))
            {
                levels.Pop();
                continue;
            }
            yield return entry;
            if (parts is not null)
            {
                levels.Push(new MergedListing(this, entry.Path, parts));
            }
        }
    }

    internal LayerIndex Layer(int number) => _layers[number];

    /// <summary>As <see cref="Find"/>, in the layers below one.</summary>
    internal MergedEntry? FindBelow(ImagePath path, int layer)
    {
        while (--layer >= 0)
        {
            var answer = LayerAnswer.To(_layers[layer], path);
            if (answer.Position >= 0)
            {
                return new MergedEntry(path, layer, answer.Position, _layers[layer][answer.Position]);
            }
            if (answer.Is == LayerAnswer.Shape.Directory && !path.IsRoot)
            {
                return Implied(path, layer);
            }
            if (answer.HidesLower && !path.IsRoot)
            {
                return null;
            }
        }
        return path.IsRoot ? new MergedEntry(path, 0, -1, ImpliedEntry(path)) : null;
    }

    /// <summary>A directory without an entry looks as it does below, whatever hides it there: extraction takes its attributes from there.</summary>
    internal MergedEntry Implied(ImagePath path, int layer) => FindBelow(path, layer) is { Entry.IsDirectory: true } below
        ? below
        : new MergedEntry(path, layer, -1, ImpliedEntry(path));

    // Newest first: the layers that have a part in the directory.
    private List<LayerPart> Parts(ImagePath directory)
    {
        var parts = new List<LayerPart>();
        for (var layer = _layers.Length - 1; layer >= 0; layer--)
        {
            var answer = LayerAnswer.To(_layers[layer], directory);
            if (answer.Is == LayerAnswer.Shape.Directory)
            {
                parts.Add(new LayerPart(layer, answer.First, _layers[layer].EndOf(directory.Bytes, answer.First)));
            }
            if (answer.HidesLower)
            {
                break;
            }
        }
        return parts;
    }

    private static LayerEntry ImpliedEntry(ImagePath path) => new() { Path = path, Kind = EntryKind.Directory, Mode = ImpliedMode };

    private static void Push(ReadOnlySpan<byte> path, Stack<byte[]> pending)
    {
        while (!path.IsEmpty)
        {
            var slash = path.LastIndexOf((byte)'/');
            var part = path[(slash + 1)..];
            if (!part.IsEmpty && !part.SequenceEqual("."u8))
            {
                pending.Push(part.ToArray());
            }
            path = path[..Math.Max(slash, 0)];
        }
    }
}

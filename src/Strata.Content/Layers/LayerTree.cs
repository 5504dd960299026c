using Strata.Content.Tar;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// The tree that the entries of one layer make when they are unpacked in their order over nothing: a later entry takes an earlier
/// one's place with all that is below it (two directories become one), and a name that leads through a symbolic link of the layer
/// lands where the link leads, inside the root.
/// </summary>
internal sealed class LayerTree(IndexLimits limits, Action<LayerNode>? directoryImplied)
{
    /// <summary>As the kernel counts them (ELOOP).</summary>
    private const int MostLinks = 40;

    // Beside its path: a node (56) and the array of its path (24), a slot among the nodes (56) and one in its directory (16), both of lists that are half
    // empty at worst, one among the names that are put in order (24), and a record in the index.
    private const int NameSize = 56 + 24 + 56 + 16 + 24 + EntryRecord.Size;

    // Beside its texts: an object (96), and the record that is made when it was read, in a list that is half empty at worst.
    private const int InodeSize = 96 + (2 * EntryRecord.Size);

    private readonly Dictionary<ImagePath, LayerNode> _nodes = [];
    private readonly Dictionary<(ImagePath, EntryKind), LayerNode> _marks = [];
    private long _metadataSize;
    private byte[] _lastPath = [];
    private LayerNode? _lastDirectory;

    internal LayerNode Root { get; } = new(ImagePath.Root, null, null);

    /// <summary>A content was read whose file is no longer part of the layer.</summary>
    internal bool LostContent { get; private set; }

    /// <summary>The directory that a clean path names; what is missing of it is made.</summary>
    internal LayerNode Directory(ReadOnlySpan<byte> path, TarHeader header)
    {
        if (_lastDirectory is not null && path.SequenceEqual(_lastPath))
        {
            return _lastDirectory;
        }
        _lastDirectory = Walk(path, create: true, header)!;
        _lastPath = path.ToArray();
        return _lastDirectory;
    }

    /// <summary>The file a clean path names, its last part not followed; null where there is none.</summary>
    internal LayerNode? Find(ImagePath path, TarHeader header) =>
        _nodes.GetValueOrDefault(path) is { } known
            ? known
            : Walk(path.Parent.Bytes, create: false, header) is { } directory && !path.IsRoot
                ? _nodes.GetValueOrDefault(directory.Path.Append(path.Name))
                : null;

    /// <summary>Puts a file in its place. <paramref name="replaced"/>: something was there, and is gone.</summary>
    internal LayerNode Put(LayerNode parent, ImagePath path, LayerInode inode, TarHeader header, out bool replaced)
    {
        replaced = false;
        if (_nodes.TryGetValue(path, out var existing))
        {
            if (existing.IsDirectory && inode.Kind == EntryKind.Directory)
            {
                existing.Inode = inode;
                return existing;
            }
            Remove(existing);
            replaced = true;
        }
        var node = Add(parent, path, inode, header);
        inode.AddName(node);
        return node;
    }

    /// <summary>
    /// Counts what an entry takes beside its name, before it is put in its place. A text is counted twice: as it was read, and in the index.
    /// </summary>
    /// <param name="texts">Bytes of a link's target, of extended attributes and of a content that the index carries.</param>
    internal void CountInode(long texts, TarHeader header) => Count(InodeSize + (2 * texts), header);

    internal void Mark(LayerNode directory, ImagePath path, EntryKind kind, TarHeader header)
    {
        CountName(path, header);
        _marks[(path, kind)] = directory;
    }

    /// <summary>The whiteouts that still stand.</summary>
    internal IEnumerable<(ImagePath Path, EntryKind Kind)> Marks() =>
        _marks.Where(mark => mark.Value is { IsAlive: true, IsDirectory: true }).Select(mark => mark.Key);

    internal LayerNode? At(ImagePath path) => path.IsRoot ? Root : _nodes.GetValueOrDefault(path);

    /// <summary>All names, the root included, parents before what is in them.</summary>
    internal IEnumerable<LayerNode> Nodes()
    {
        var pending = new Stack<LayerNode>();
        pending.Push(Root);
        while (pending.TryPop(out var node))
        {
            yield return node;
            foreach (var child in node.Children ?? [])
            {
                if (child.IsAlive)
                {
                    pending.Push(child);
                }
            }
        }
    }

    internal LayerShape Shape(bool selfContained) => new(
        selfContained,
        Marks(),
        path => At(path) is { } node ? node.Inode?.Kind ?? EntryKind.Directory : null,
        [.. Nodes().Where(node => node.IsDirectory).Select(node => (node.Path, node.Inode?.Attributes))]);

    /// <summary>In the order of an index.</summary>
    internal IndexRecords Records()
    {
        var names = Nodes().Where(node => node.Inode is not null).Select(node => (node.Path, KindOf(node), (LayerNode?)node))
            .Concat(Marks().Select(mark => (mark.Path, mark.Kind, (LayerNode?)null))).ToArray();
        Array.Sort(names, static (x, y) => IndexRecords.Compare(x.Path.Bytes, x.Item2, y.Path.Bytes, y.Item2));
        var records = new IndexRecords(names.Length, names.Sum(name => name.Path.Bytes.Length));
        foreach (var (path, kind, node) in names)
        {
            if (node is null)
            {
                records.Add(StoredEntry.Of(new LayerEntry { Path = path, Kind = kind }));
            }
            else if (node.Inode!.Record >= 0)
            {
                records.AddName(path, kind, node.Inode.Record);
            }
            else
            {
                node.Inode.Record = records.Count;
                records.Add(Entry(node, kind));
            }
        }
        return records;
    }

    private static EntryKind KindOf(LayerNode node) =>
        node.Inode is { Kind: EntryKind.Regular } file && file.Name() != node ? EntryKind.HardLink : node.Inode!.Kind;

    private static StoredEntry Entry(LayerNode node, EntryKind kind)
    {
        var inode = node.Inode!;
        var entry = inode.Attributes with { Path = node.Path, Kind = kind, Inline = InlineFiles.Of(inode.Inline) };
        if (kind == EntryKind.HardLink)
        {
            entry = entry with { LinkTarget = inode.Name()!.Path.Bytes.ToArray() };
        }
        return new StoredEntry(entry, inode.ContentOffset, inode.IsSparse);
    }

    private LayerNode? Walk(ReadOnlySpan<byte> path, bool create, TarHeader header)
    {
        if (path.IsEmpty)
        {
            return Root;
        }
        if (_nodes.TryGetValue(ImagePath.FromClean(path.ToArray()), out var known) && known.IsDirectory)
        {
            return known;
        }
        var pending = new Stack<byte[]>();
        Push(path, pending);
        var node = Root;
        var links = 0;
        while (pending.TryPop(out var part))
        {
            if (part is [(byte)'.', (byte)'.'])
            {
                node = node.Parent ?? Root;
                continue;
            }
            var next = node.Path.Append(part);
            if (!_nodes.TryGetValue(next, out var child))
            {
                if (!create)
                {
                    return null;
                }
                child = Add(node, next, null, header);
                directoryImplied?.Invoke(child);
            }
            if (child.IsDirectory)
            {
                node = child;
            }
            else if (child.Inode!.Kind != EntryKind.SymbolicLink)
            {
                throw Refusal.Of(header, $"it lies below {child.Path}, which is no directory");
            }
            else if (++links > MostLinks)
            {
                throw Refusal.Of(header, $"it lies behind more than {MostLinks} symbolic links");
            }
            else
            {
                var target = child.Inode.LinkTarget.Span;
                node = target[0] == (byte)'/' ? Root : node;
                Push(target, pending);
            }
        }
        return node;
    }

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

    private LayerNode Add(LayerNode parent, ImagePath path, LayerInode? inode, TarHeader header)
    {
        if (path.Bytes.Length > limits.PathLength)
        {
            throw Refusal.Of(header, $"its path has more than {limits.PathLength} bytes, the most that is allowed");
        }
        if (path.Name.Length > 255)
        {
            throw Refusal.Of(header, "a name in its path has more than 255 bytes");
        }
        CountName(path, header);
        var node = new LayerNode(path, parent, inode);
        (parent.Children ??= []).Add(node);
        _nodes.Add(path, node);
        return node;
    }

    private void Remove(LayerNode top)
    {
        _lastDirectory = null;
        var pending = new Stack<LayerNode>();
        pending.Push(top);
        while (pending.TryPop(out var node))
        {
            node.IsAlive = false;
            _nodes.Remove(node.Path);
            if (node.Inode is { } inode && inode.Name() is null)
            {
                LostContent |= inode.HasContent;
                inode.Inline = null;
            }
            foreach (var child in node.Children ?? [])
            {
                if (child.IsAlive)
                {
                    pending.Push(child);
                }
            }
            node.Children = null;
        }
    }

    // A path lies in its node and in the index. A link's target is the path of another name, which the index has already.
    private void CountName(ImagePath path, TarHeader header) => Count(NameSize + (2 * path.Bytes.Length), header);

    private void Count(long size, TarHeader header)
    {
        _metadataSize += size;
        if (_metadataSize > limits.MetadataSize)
        {
            throw Refusal.Of(header, $"with it the layer's paths and attributes take more than {limits.MetadataSize} bytes, the most that is allowed");
        }
    }
}

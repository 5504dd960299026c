using System.Security.Cryptography;
using Strata.Content.Tar;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>One pass over a layer's tar: its index, and, if there is a target (which it then owns), its files.</summary>
internal sealed class LayerReading : IDisposable
{
    private readonly IndexLimits _limits;
    private readonly LayerTarget? _target;
    private readonly IncrementalHash _tarHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _contentHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly RecipeWriter _recipe = new();

    // The attributes of all that was read, in the order of the tar.
    private readonly IndexRecords _attributes = new();
    private readonly TarReader _reader;
    private int _entries;
    private long _contentSize;

    internal LayerReading(Stream tar, IndexLimits limits, LayerTarget? target, CancellationToken cancellationToken)
    {
        _limits = limits;
        _target = target;
        var tarLimits = new TarLimits { HeaderSize = limits.HeaderSize, TotalSize = limits.TotalSize };
        _reader = new TarReader(tar, tarLimits, _tarHash, _recipe, cancellationToken);
        Tree = new LayerTree(limits, target is null ? null : node => target.MakeDirectory(node.Path));
    }

    private LayerTree Tree { get; }

    internal LayerIndex Run()
    {
        try
        {
            while (_reader.ReadNext() is { } header)
            {
                Take(header);
            }
            _reader.Drain();
        }
        catch (InvalidTarException e)
        {
            throw Refusal.Of(e);
        }
        var diffId = Digest.FromHash(DigestAlgorithm.Sha256, _tarHash.GetHashAndReset());
        _recipe.Abandoned |= Tree.LostContent;
        var index = LayerIndex.Create(diffId, _reader.Position, Tree.Records(), _recipe.Complete());
        _target?.Complete(Tree.Shape(index.SelfContained));
        return index;
    }

    public void Dispose()
    {
        _target?.Dispose();
        _reader.Dispose();
        _recipe.Dispose();
        _tarHash.Dispose();
        _contentHash.Dispose();
    }

    private void Take(TarHeader header)
    {
        if (++_entries > _limits.Entries)
        {
            throw Refusal.Of(header, $"it is one entry more than the {_limits.Entries} that are allowed");
        }
        if (header.Type == TarType.GnuVolumeLabel)
        {
            return;
        }
        if (!ImagePath.TryParse(header.Name, out var path))
        {
            throw Refusal.Of(header, "its name holds a NUL byte");
        }
        if (path.IsRoot)
        {
            TakeRoot(header);
            return;
        }
        var meaning = WhiteoutName.Of(path);
        if (meaning == WhiteoutName.Meaning.Ignored)
        {
            return;
        }
        if (meaning == WhiteoutName.Meaning.Invalid)
        {
            throw Refusal.Of(header, "its name begins with .wh. but is no whiteout of anything");
        }
        var parent = Tree.Directory(ParentOf(path), header);
        if (meaning == WhiteoutName.Meaning.Opaque)
        {
            Tree.Mark(parent, parent.Path, EntryKind.OpaqueWhiteout, header);
        }
        else if (meaning == WhiteoutName.Meaning.Whiteout)
        {
            Tree.Mark(parent, parent.Path.Append(WhiteoutName.Hidden(path.Name)), EntryKind.Whiteout, header);
        }
        else
        {
            // Most names lead through no link, and are their own real path.
            Place(parent, path.Bytes.Length == parent.Path.Bytes.Length + path.Name.Length + (parent.Path.IsRoot ? 0 : 1)
                && path.Bytes.StartsWith(parent.Path.Bytes) ? path : parent.Path.Append(path.Name), header);
        }
    }

    private void TakeRoot(TarHeader header)
    {
        if (EntryFields.KindOf(header) is not EntryKind.Directory)
        {
            throw Refusal.Of(header, "it would put something else in the place of the root directory");
        }
        var inode = new LayerInode(EntryFields.Of(header, EntryKind.Directory, _limits));
        Tree.CountInode(inode.XattrSize, header);
        Tree.Root.Inode = inode;
    }

    private void Place(LayerNode parent, ImagePath path, TarHeader header)
    {
        if (EntryFields.KindOf(header) is not { } kind)
        {
            throw Refusal.Of(header, $"its type ({header.Type}) is none that a layer can hold");
        }
        if (kind == EntryKind.HardLink)
        {
            PlaceLink(parent, path, header);
            return;
        }
        var inode = new LayerInode(EntryFields.Of(header, kind, _limits))
        {
            ContentOffset = kind == EntryKind.Regular ? header.ContentOffset : -1,
            IsSparse = header.IsSparse,
            Inline = kind == EntryKind.Regular && InlineFiles.Wants(path, header.Size) ? new byte[header.Size] : null,
        };
        Tree.CountInode(inode.XattrSize + inode.LinkTarget.Length + (inode.Inline?.Length ?? 0), header);
        Put(parent, path, inode, header);
        if (kind == EntryKind.Regular)
        {
            inode.Attributes = ReadContent(header, path, inode);
        }
        if (kind != EntryKind.Directory)
        {
            _target?.Make(path, inode.Attributes);
        }
        inode.Pack(_attributes);
    }

    private LayerNode Put(LayerNode parent, ImagePath path, LayerInode inode, TarHeader header)
    {
        var existed = Tree.At(path) is not null;
        var node = Tree.Put(parent, path, inode, header, out var replaced);
        if (replaced)
        {
            _target?.Remove(path);
        }
        if (inode.Kind == EntryKind.Directory && (replaced || !existed))
        {
            _target?.MakeDirectory(node.Path);
        }
        return node;
    }

    private void PlaceLink(LayerNode parent, ImagePath path, TarHeader header)
    {
        if (!ImagePath.TryParse(header.LinkName, out var targetPath) || Tree.Find(targetPath, header) is not { IsDirectory: false, Inode: { } inode } target)
        {
            throw Refusal.Of(header, "it is a hard link to something that the layer has no file for before it");
        }
        if (target.Path.IsWithin(path))
        {
            throw Refusal.Of(header, "it is a hard link to itself, or to something that it takes the place of");
        }
        if (inode.Kind != EntryKind.Regular)
        {
            // A second link, device or fifo with the same attributes cannot be told from a second name.
            Tree.CountInode(inode.XattrSize + inode.LinkTarget.Length, header);
            var second = new LayerInode(inode.Attributes);
            Put(parent, path, second, header);
            _target?.Make(path, second.Attributes);
            second.Pack(_attributes);
            return;
        }
        // The last header wins, as when each is applied to the file they share. The index has what they share once, but gives it with each name.
        var own = EntryFields.Of(header, EntryKind.HardLink, _limits);
        var xattrs = own.Xattrs.Count > 0 ? EntryRecord.SizeOf(own.Xattrs) : inode.XattrSize;
        Tree.CountInode(xattrs + ((long)inode.Names * Math.Max(0, xattrs - inode.XattrSize)), header);
        Put(parent, path, inode, header);
        inode.Attributes = inode.Attributes with
        {
            Mode = own.Mode,
            UserId = own.UserId,
            GroupId = own.GroupId,
            Modified = own.Modified,
            Xattrs = own.Xattrs.Count > 0 ? own.Xattrs : inode.Attributes.Xattrs,
        };
        _target?.MakeHardLink(target.Path, path);
        _target?.Change(path, inode.Attributes);
    }

    private static ReadOnlySpan<byte> ParentOf(ImagePath path) => path.Bytes[..Math.Max(0, path.Bytes.LastIndexOf((byte)'/'))];

    /// <summary>The attributes with what the content is; the content itself where the index carries it.</summary>
    private LayerEntry ReadContent(TarHeader header, ImagePath path, LayerInode inode)
    {
        var (entry, inline) = (inode.Attributes, inode.Inline);
        _contentSize += header.Size;
        if (header.Size > _limits.TotalSize || _contentSize > _limits.TotalSize)
        {
            throw Refusal.Of(header, $"with it the layer's files have more than {_limits.TotalSize} bytes, the most that is allowed");
        }
        using var file = _target?.CreateFile(path, entry.Mode);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        long position = 0;
        bool inOnePiece;
        do
        {
            var piece = _reader.Peek(out var isHole);
            inOnePiece = position == 0 && piece.Length == entry.Size;
            if (inOnePiece)
            {
                SHA256.HashData(piece, hash);
            }
            else
            {
                _contentHash.AppendData(piece);
            }
            if (inline is not null)
            {
                piece.CopyTo(inline.AsSpan((int)position));
            }
            if (file is not null && !isHole)
            {
                RandomAccess.Write(file, piece, position);
            }
            position += piece.Length;
            _reader.Take(piece.Length, !isHole);
        }
        while (position < entry.Size);
        if (!inOnePiece)
        {
            _contentHash.GetHashAndReset(hash);
        }
        if (file is not null && header.IsSparse)
        {
            RandomAccess.SetLength(file, entry.Size);
        }
        return entry with { Content = Digest.FromHash(DigestAlgorithm.Sha256, hash) };
    }
}

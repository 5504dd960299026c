using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Strata.Content.Tar;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// Writes a layer's tar, hashes and indexes it on the way. The tar is the same for the same calls: whole seconds, no names of owners, no times but that
/// of modification, PAX records only where needed. The order of the calls is the order in the tar: callers that give entries in
/// <see cref="PathOrder"/> get equal tars for equal trees. A directory comes before what is in it, a file before its hard links, and no path twice.
/// After an exception the tar is of no use; what is more than a layer can have is refused with an <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class LayerBuilder : IDisposable
{
    private readonly FileTime? _clampModified;
    private readonly IncrementalHash _tarHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _contentHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly RecipeWriter _recipe = new();
    private readonly TarWriter _writer;
    private readonly IndexRecords _entries;
    private readonly RecordTable _positions;
    private readonly HashSet<ImagePath> _parents = [];
    private ImagePath _lastParent;

    /// <param name="tar">Written in pieces of about 1 MiB; stays the caller's.</param>
    /// <param name="clampModified">No time in the layer is later than this; null leaves times as they are.</param>
    /// <param name="expected">How many entries there will be, about.</param>
    /// <param name="expectedBytes">Of the entries' paths and links, about.</param>
    public LayerBuilder(Stream tar, FileTime? clampModified, int expected = 0, int expectedBytes = 0)
    {
        _clampModified = clampModified;
        _entries = new IndexRecords(expected, expectedBytes);
        _positions = new RecordTable(_entries, expected);
        _writer = new TarWriter(tar, _tarHash, _recipe);
    }

    /// <summary>Whether one layer can have so many entries, with so many bytes of paths and links.</summary>
    public static bool CanHold(long entries, long bytes) => IndexRecords.SizeOf(entries, bytes) <= IndexHeader.LargestContent;

    /// <summary>Entries so far.</summary>
    public int Count => _entries.Count;

    public void AddDirectory(LayerEntry entry) => Add(entry, EntryKind.Directory, TarType.Directory);

    public void AddSymbolicLink(LayerEntry entry) => Add(entry with { Mode = 0x1FF }, EntryKind.SymbolicLink, TarType.SymbolicLink);

    /// <summary>A device or a fifo.</summary>
    public void AddNode(LayerEntry entry) => Add(entry, entry.Kind, entry.Kind switch
    {
        EntryKind.CharacterDevice => TarType.CharacterDevice,
        EntryKind.BlockDevice => TarType.BlockDevice,
        EntryKind.Fifo => TarType.Fifo,
        _ => throw new ArgumentException($"{entry.Path} is a {entry.Kind}, which is no device and no fifo.", nameof(entry)),
    });

    /// <summary>Only path and target are looked at: the rest is that of the file the target names, which was added before.</summary>
    public void AddHardLink(LayerEntry entry)
    {
        var position = _positions.Find(entry.LinkTarget.Span, EntryKind.Regular);
        if (position < 0 || _entries[position] is not { Kind: EntryKind.Regular } file)
        {
            var target = ImagePath.FromClean(entry.LinkTarget.ToArray());
            throw new ArgumentException($"{entry.Path} is a hard link to {target}, which is no file that was added before.", nameof(entry));
        }
        Claim(entry.Path, EntryKind.HardLink);
        _entries.AddName(entry.Path, EntryKind.HardLink, position);
        _positions.Add(_entries.Count - 1);
        _writer.WriteHeader(Header(file, TarType.HardLink) with { Name = entry.Path.Bytes.ToArray(), LinkName = entry.LinkTarget.ToArray(), Size = 0, Xattrs = [] });
    }

    public void AddWhiteout(ImagePath hidden)
    {
        Claim(hidden, EntryKind.Whiteout);
        Note(StoredEntry.Of(new LayerEntry { Path = hidden, Kind = EntryKind.Whiteout }));
        WriteMark(WhiteoutName.PathOf(hidden));
    }

    public void AddOpaque(ImagePath directory)
    {
        Claim(directory, EntryKind.OpaqueWhiteout);
        Note(StoredEntry.Of(new LayerEntry { Path = directory, Kind = EntryKind.OpaqueWhiteout }));
        WriteMark(directory.Append(WhiteoutName.Opaque));
    }

    /// <summary>
    /// Copies <see cref="LayerEntry.Size"/> bytes from the start of a file and gives their digest. A file with fewer or more is being written to:
    /// <see cref="ContentChangedException"/>.
    /// </summary>
    public Digest AddFile(LayerEntry header, SafeFileHandle content)
    {
        long position = 0;
        return AddFile(header, buffer =>
        {
            var read = RandomAccess.Read(content, buffer, position);
            position += read;
            return read;
        });
    }

    /// <summary>As for a file; the stream is read from where it stands and must end after <see cref="LayerEntry.Size"/> bytes.</summary>
    public Digest AddFile(LayerEntry header, Stream content) => AddFile(header, content.Read);

    /// <summary>Ends the tar and gives its index. The stream has all bytes then, but nothing was made durable.</summary>
    public LayerIndex Complete()
    {
        _writer.Complete();
        var diffId = Digest.FromHash(DigestAlgorithm.Sha256, _tarHash.GetHashAndReset());
        return LayerIndex.Create(diffId, _writer.Position, _entries, _recipe.Complete());
    }

    public void Dispose()
    {
        _writer.Dispose();
        _recipe.Dispose();
        _tarHash.Dispose();
        _contentHash.Dispose();
    }

    private delegate int ReadContent(Span<byte> buffer);

    private Digest AddFile(LayerEntry header, ReadContent read)
    {
        if (header.Kind != EntryKind.Regular)
        {
            throw new ArgumentException($"{header.Path} is a {header.Kind}, which has no content.", nameof(header));
        }
        Claim(header.Path, header.Kind);
        header = Clean(header);
        _writer.WriteHeader(Header(header, TarType.Regular));
        var offset = _writer.Position;
        var digest = Copy(header, read, out var inline);
        Note(StoredEntry.Of(header with { Content = digest, Inline = InlineFiles.Of(inline), TarOffset = offset }));
        return digest;
    }

    private Digest Copy(LayerEntry header, ReadContent read, out byte[]? inline)
    {
        inline = InlineFiles.Wants(header.Path, header.Size) ? new byte[header.Size] : null;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        long copied = 0;
        var inOnePiece = header.Size == 0;
        if (inOnePiece)
        {
            SHA256.HashData([], hash);
        }
        _writer.MakeRoom(header.Size);
        while (copied < header.Size)
        {
            var buffer = _writer.ContentBuffer().Span;
            var count = read(buffer);
            if (count == 0)
            {
                throw new ContentChangedException(header.Path, header.Size, copied);
            }
            inOnePiece = count == header.Size;
            if (inOnePiece)
            {
                SHA256.HashData(buffer[..count], hash);
            }
            else
            {
                _contentHash.AppendData(buffer[..count]);
            }
            if (inline is not null)
            {
                buffer[..count].CopyTo(inline.AsSpan((int)copied));
            }
            _writer.ContentWritten(count);
            copied += count;
        }
        if (!inOnePiece)
        {
            _contentHash.GetHashAndReset(hash);
        }
        Span<byte> more = stackalloc byte[1];
        return read(more) == 0
            ? Digest.FromHash(DigestAlgorithm.Sha256, hash)
            : throw new ContentChangedException(header.Path, header.Size, null);
    }

    private void Add(LayerEntry entry, EntryKind kind, byte type)
    {
        if (entry.Kind != kind)
        {
            throw new ArgumentException($"{entry.Path} is a {entry.Kind} where a {kind} is expected.", nameof(entry));
        }
        Claim(entry.Path, kind);
        entry = Clean(entry) with { Size = 0, Content = null, Inline = null, TarOffset = -1 };
        Note(StoredEntry.Of(entry));
        _writer.WriteHeader(Header(entry, type));
    }

    private void WriteMark(ImagePath path) => _writer.WriteHeader(new TarHeader { Name = path.Bytes.ToArray(), Type = TarType.Regular });

    private void Note(StoredEntry entry)
    {
        _entries.Add(entry);
        _positions.Add(_entries.Count - 1);
    }

    /// <summary>Takes the path for the entry that is added next.</summary>
    private void Claim(ImagePath path, EntryKind kind)
    {
        if (path.Bytes.Length > ushort.MaxValue)
        {
            throw new ArgumentException(
                $"A path of {path.Bytes.Length} bytes cannot be in a layer, where one has at most {ushort.MaxValue}. Leave it out: {path}");
        }
        if (WhiteoutName.IsIn(path))
        {
            throw new ArgumentException($"{path} cannot be in a layer: names that begin with .wh. mean removals there. Rename the file, or leave it out.");
        }
        if (_positions.Find(path.Bytes, kind) >= 0)
        {
            throw new ArgumentException($"{path} is added to a layer twice.");
        }
        if (kind is not (EntryKind.Whiteout or EntryKind.OpaqueWhiteout) && _parents.Contains(path))
        {
            throw new ArgumentException($"{path} is added to a layer after something below it.");
        }
        NoteParents(path);
    }

    private void NoteParents(ImagePath path)
    {
        if (path.IsRoot)
        {
            return;
        }
        var parent = path.Parent;
        if (parent == _lastParent)
        {
            return;
        }
        _lastParent = parent;
        while (!parent.IsRoot && _parents.Add(parent))
        {
            parent = parent.Parent;
        }
    }

    private LayerEntry Clean(LayerEntry entry)
    {
        var seconds = Math.Min(entry.Modified.Seconds, _clampModified?.Seconds ?? long.MaxValue);
        var xattrs = OverlayNames.Without(entry.Xattrs);
        return entry with
        {
            Mode = entry.Mode & 0xFFF,
            Modified = new FileTime(seconds, 0),
            Xattrs = xattrs.Count > 1 ? [.. xattrs.OrderBy(xattr => xattr.Key, StringComparer.Ordinal)] : xattrs,
        };
    }

    private static TarHeader Header(LayerEntry entry, byte type) => new()
    {
        Name = Name(entry),
        Type = type,
        LinkName = entry.Kind == EntryKind.SymbolicLink ? entry.LinkTarget.ToArray() : [],
        Mode = entry.Mode,
        UserId = entry.UserId,
        GroupId = entry.GroupId,
        Size = entry.Size,
        Modified = entry.Modified,
        DeviceMajor = entry.DeviceMajor,
        DeviceMinor = entry.DeviceMinor,
        Xattrs = entry.Xattrs,
    };

    private static byte[] Name(LayerEntry entry) => entry switch
    {
        { IsDirectory: false } => entry.Path.Bytes.ToArray(),
        { Path.IsRoot: true } => [(byte)'.', (byte)'/'],
        _ => [.. entry.Path.Bytes, (byte)'/'],
    };
}

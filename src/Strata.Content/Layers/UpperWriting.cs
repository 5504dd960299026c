using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>One walk over an upper directory. Directories wait until something below them turns out to have changed.</summary>
internal sealed class UpperWriting
{
    private readonly MergedTree _lower;
    private readonly LayerBuilder _to;
    private readonly UpperOptions _options;
    private readonly HashSet<ImagePath> _stubParents;
    private readonly Stack<PendingDirectory> _directories = new();
    private readonly Dictionary<(ulong Device, ulong Inode), ImagePath> _firstNames = [];
    private int _written;
    private int _unchanged;
    private int _sockets;
    private int _ignored;
    private int _marks;

    internal UpperWriting(MergedTree lower, LayerBuilder to, UpperOptions options)
    {
        _lower = lower;
        _to = to;
        _options = options;
        _stubParents = [.. options.Ignored.Select(path => path.Parent)];
    }

    internal UpperResult Result => new(_written, _unchanged, _sockets, _ignored, _marks);

    internal bool Visit(in TreeEntry found)
    {
        var path = ImagePath.FromClean(found.Path.ToArray());
        while (_directories.TryPeek(out var above) && !path.IsWithin(above.Entry.Path))
        {
            _directories.Pop();
        }
        if (_options.Ignored.Contains(path))
        {
            _ignored++;
            return false;
        }
        var status = found.Status;
        switch (status.Kind)
        {
            case FileKind.Directory:
                EnterDirectory(path, found);
                return true;
            case FileKind.Socket:
                _sockets++;
                // What was in the socket's place is gone all the same.
                if (Lower(path) is not null)
                {
                    WriteWhiteout(path);
                }
                return false;
            case FileKind.CharacterDevice when status is { RDevMajor: 0, RDevMinor: 0 }:
                WriteWhiteout(path);
                return false;
            default:
                WriteFile(path, found);
                return false;
        }
    }

    private void EnterDirectory(ImagePath path, in TreeEntry found)
    {
        var xattrs = found.Xattrs();
        var isOpaque = Examine(path, xattrs);
        var before = Lower(path);
        var entry = Entry(path, EntryKind.Directory, found.Status, xattrs);
        _directories.Push(new PendingDirectory(entry, isOpaque || before is not { IsDirectory: true }));
        // Only what is there can be hidden; a file in the directory's place is, by the directory itself.
        var mustHide = isOpaque && before is { IsDirectory: true } && _lower.Children(path).Any();
        if (isOpaque && !mustHide)
        {
            _marks++;
        }
        if (mustHide || before is null || !IsSame(before, entry, ignoreTime: _stubParents.Contains(path)))
        {
            WriteDirectories();
        }
        if (mustHide)
        {
            _to.AddOpaque(path);
            _written++;
        }
    }

    private void WriteWhiteout(ImagePath path)
    {
        if (Lower(path) is null)
        {
            _marks++;
            return;
        }
        WriteDirectories();
        _to.AddWhiteout(path);
        _written++;
    }

    private void WriteFile(ImagePath path, in TreeEntry found)
    {
        var status = found.Status;
        var xattrs = found.Xattrs();
        Examine(path, xattrs);
        var entry = Entry(path, KindOf(status.Kind), status, xattrs);
        if (entry.Kind == EntryKind.SymbolicLink)
        {
            entry = entry with { LinkTarget = found.ReadLink() };
        }
        if (entry.Kind != EntryKind.Regular)
        {
            if (Lower(path) is { } before && IsSame(before, entry, ignoreTime: false))
            {
                _unchanged++;
                return;
            }
            WriteDirectories();
            AddOther(entry);
            _written++;
            return;
        }
        // Copying up parts hard links, so several names in the upper directory were given to the file by what ran.
        var inode = (status.Device, status.Inode);
        if (status.LinkCount > 1 && _firstNames.TryGetValue(inode, out var first))
        {
            WriteDirectories();
            _to.AddHardLink(entry with { Kind = EntryKind.HardLink, LinkTarget = first.Bytes.ToArray() });
            _written++;
            return;
        }
        using var content = found.OpenRead();
        if (status.LinkCount == 1 && Lower(path) is { } below && IsSame(below, entry, ignoreTime: false) && HasContent(content, below))
        {
            _unchanged++;
            return;
        }
        WriteDirectories();
        _to.AddFile(entry, content);
        _written++;
        if (status.LinkCount > 1)
        {
            _firstNames.Add(inode, path);
        }
    }

    private void AddOther(LayerEntry entry)
    {
        if (entry.Kind == EntryKind.SymbolicLink)
        {
            _to.AddSymbolicLink(entry);
        }
        else
        {
            _to.AddNode(entry);
        }
    }

    // All directories down to where the walk is: an entry's directories are in the layer before it.
    private void WriteDirectories()
    {
        if (!_directories.TryPeek(out var innermost) || innermost.IsWritten)
        {
            return;
        }
        foreach (var directory in _directories.Reverse())
        {
            if (!directory.IsWritten)
            {
                directory.IsWritten = true;
                _to.AddDirectory(directory.Entry);
                _written++;
            }
        }
    }

    /// <summary>What the layers below show at the path, unless a directory above it hides them.</summary>
    private LayerEntry? Lower(ImagePath path)
    {
        foreach (var directory in _directories)
        {
            if (directory.HidesLower && directory.Entry.Path != path)
            {
                return null;
            }
        }
        return _lower.Find(path)?.Entry;
    }

    /// <summary>Whether the directory is opaque. Files that overlayfs left incomplete are refused.</summary>
    private bool Examine(ImagePath path, IReadOnlyList<KeyValuePair<string, byte[]>> xattrs)
    {
        var prefix = OverlayNames.Prefix(_options.Flavor);
        var isOpaque = false;
        foreach (var (name, value) in xattrs)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }
            switch (name[prefix.Length..])
            {
                case "opaque":
                    isOpaque = value is [(byte)'y'];
                    break;
                case "redirect" or "metacopy":
                    throw new InvalidDataException(
                        $"{path} cannot be put into a layer: its overlay was mounted with redirect_dir or metacopy. Mount it with both off.");
            }
        }
        return isOpaque;
    }

    private static LayerEntry Entry(ImagePath path, EntryKind kind, in FileStatus status, IReadOnlyList<KeyValuePair<string, byte[]>> xattrs)
    {
        var isDevice = kind is EntryKind.CharacterDevice or EntryKind.BlockDevice;
        return new LayerEntry
        {
            Path = path,
            Kind = kind,
            Mode = status.Mode,
            UserId = status.UserId,
            GroupId = status.GroupId,
            Size = kind == EntryKind.Regular ? status.Size : 0,
            Modified = status.Modified,
            DeviceMajor = isDevice ? status.RDevMajor : 0,
            DeviceMinor = isDevice ? status.RDevMinor : 0,
            Xattrs = Kept(xattrs),
        };
    }

    // Labels, ACLs and hashes that the machine puts on files are the machine's; what programs in an image set is kept.
    private static IReadOnlyList<KeyValuePair<string, byte[]>> Kept(IReadOnlyList<KeyValuePair<string, byte[]>> xattrs) => xattrs.Count == 0
        ? xattrs
        : [.. xattrs.Where(xattr => !OverlayNames.IsOwn(xattr.Key)
            && (xattr.Key == "security.capability" || xattr.Key.StartsWith("user.", StringComparison.Ordinal)))];

    private static EntryKind KindOf(FileKind kind) => kind switch
    {
        FileKind.Regular => EntryKind.Regular,
        FileKind.SymbolicLink => EntryKind.SymbolicLink,
        FileKind.CharacterDevice => EntryKind.CharacterDevice,
        FileKind.BlockDevice => EntryKind.BlockDevice,
        FileKind.Fifo => EntryKind.Fifo,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Directories and sockets are handled before."),
    };

    private static bool IsSame(LayerEntry before, LayerEntry after, bool ignoreTime) =>
        (before.Kind == after.Kind || (before.IsFile && after.IsFile))
        && before.Mode == after.Mode
        && before.UserId == after.UserId
        && before.GroupId == after.GroupId
        && before.Size == after.Size
        && (ignoreTime || before.Modified.Seconds == after.Modified.Seconds)
        && before.DeviceMajor == after.DeviceMajor
        && before.DeviceMinor == after.DeviceMinor
        && (after.Kind != EntryKind.SymbolicLink || before.LinkTarget.Span.SequenceEqual(after.LinkTarget.Span))
        && HaveSameXattrs(Kept(before.Xattrs), after.Xattrs);

    private static bool HaveSameXattrs(IReadOnlyList<KeyValuePair<string, byte[]>> before, IReadOnlyList<KeyValuePair<string, byte[]>> after)
    {
        if (before.Count != after.Count)
        {
            return false;
        }
        for (var i = 0; i < before.Count; i++)
        {
            if (before[i].Key != after[i].Key || !before[i].Value.AsSpan().SequenceEqual(after[i].Value))
            {
                return false;
            }
        }
        return true;
    }

    private static bool HasContent(SafeFileHandle file, LayerEntry before)
    {
        if (before.Content is not { } digest)
        {
            return false;
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            long position = 0;
            while (RandomAccess.Read(file, buffer, position) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                position += read;
            }
            return Digest.FromHash(DigestAlgorithm.Sha256, hash.GetHashAndReset()) == digest;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class PendingDirectory(LayerEntry entry, bool hidesLower)
    {
        internal LayerEntry Entry => entry;

        /// <summary>It is opaque, or new: nothing below it is compared with the layers.</summary>
        internal bool HidesLower => hidesLower;

        internal bool IsWritten { get; set; }
    }
}

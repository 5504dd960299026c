using Microsoft.Win32.SafeHandles;
using Strata.Content.Layers;
using Strata.Dockerfile;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// A build context where it lies: nothing is sent anywhere, and only what a COPY asks for is looked at. Each folder is walked once
/// for the whole build. Owners are root's, as in every build; times are whole seconds, as a layer keeps them.
/// </summary>
internal sealed class ContextTree : ISourceTree, IDisposable
{
    private readonly RootedDirectory _root;
    private readonly IgnoreFile _ignore;
    private readonly Lock _lock = new();
    private readonly List<(ImagePath Directory, ContextEntries Entries)> _walked = [];

    private ContextTree(string directory, RootedDirectory root, IgnoreFile ignore, string description)
    {
        Directory = directory;
        _root = root;
        _ignore = ignore;
        Description = description;
    }

    public string Directory { get; }

    public string Description { get; }

    public static ContextTree Open(string directory, IgnoreFile ignore, string description) =>
        new(directory, RootedDirectory.Open(directory), ignore, description);

    public SourceEntry? Find(ImagePath path)
    {
        if (path.IsRoot)
        {
            return new SourceEntry { Path = path, Kind = EntryKind.Directory, Mode = 0x1ED, Modified = default };
        }
        if (_root.Status(path.Bytes) is not { } status || status.Kind == FileKind.Socket || IsHidden(path, status.Kind))
        {
            return null;
        }
        return Entry(path, status, status.Kind == FileKind.SymbolicLink ? _root.ReadLink(path.Bytes) : []);
    }

    public IEnumerable<SourceEntry> Children(ImagePath directory)
    {
        foreach (var (name, _) in _root.List(directory.Bytes))
        {
            if (Find(directory.Append(name)) is { } child)
            {
                yield return child;
            }
        }
    }

    public IReadOnlyList<SourceEntry> Walk(ImagePath directory, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var (walked, entries) in _walked)
            {
                if (directory.IsWithin(walked))
                {
                    return entries.Below(directory);
                }
            }
            var found = new ContextWalk(Directory, directory, _ignore.Patterns).Run(cancellationToken);
            _walked.Add((directory, found));
            return found;
        }
    }

    /// <summary>Forgets what was walked: something in it is no longer as it was.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            _walked.Clear();
        }
    }

    public string? WhyHidden(ImagePath path) => _root.Status(path.Bytes) is null ? null : _ignore.Explain(path.Bytes);

    /// <summary>A way to open files that remembers the folder it was in; for one thread.</summary>
    public RootedDirectory OpenCursor() => _root.OpenCursor();

    /// <summary>Opens a file and makes sure it's the one that was seen.</summary>
    public static SafeFileHandle OpenFile(RootedDirectory cursor, SourceEntry entry)
    {
        SafeFileHandle file;
        try
        {
            file = cursor.OpenRead(entry.Path.Bytes);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP)
        {
            throw new FileChangedException(entry.Path);
        }
        if (FileIdentity.Of(HostFile.Status(file)) == entry.Identity)
        {
            return file;
        }
        file.Dispose();
        throw new FileChangedException(entry.Path);
    }

    public void Dispose() => _root.Dispose();

    internal static SourceEntry Entry(ImagePath path, in FileStatus status, byte[] linkTarget) => new()
    {
        Path = path,
        Kind = status.Kind switch
        {
            FileKind.Directory => EntryKind.Directory,
            FileKind.SymbolicLink => EntryKind.SymbolicLink,
            FileKind.CharacterDevice => EntryKind.CharacterDevice,
            FileKind.BlockDevice => EntryKind.BlockDevice,
            FileKind.Fifo => EntryKind.Fifo,
            _ => EntryKind.Regular,
        },
        // The mode of a link means nothing and is 0777 wherever it can be asked for.
        Mode = status.Kind == FileKind.SymbolicLink ? 0x1FF : status.Mode,
        Size = status.Kind == FileKind.Regular ? status.Size : 0,
        Modified = new FileTime(status.Modified.Seconds, 0),
        LinkTarget = linkTarget,
        DeviceMajor = status.RDevMajor,
        DeviceMinor = status.RDevMinor,
        Link = status.Kind == FileKind.Regular && status.LinkCount > 1
            ? new LinkIdentity(status.Device, status.Inode, ImagePath.Root)
            : null,
        Identity = FileIdentity.Of(status),
    };

    private bool IsHidden(ImagePath path, FileKind kind) => _ignore.Patterns.MatchesOrParent(path.Bytes)
        && !(kind == FileKind.Directory && _ignore.Patterns.MayContainIncluded(path.Bytes));
}

using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>One entry of a walk. It lives only during the call it is given to.</summary>
public readonly ref struct TreeEntry
{
    private readonly SafeFileHandle _parent;
    private readonly ReadOnlySpan<byte> _name;

    internal TreeEntry(SafeFileHandle parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> path, in FileStatus status)
    {
        _parent = parent;
        _name = name;
        Path = path;
        Status = status;
    }

    /// <summary>Relative to the root of the walk, separated by '/'.</summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>The last component of <see cref="Path"/>.</summary>
    public ReadOnlySpan<byte> Name => _name[..^1];

    public FileStatus Status { get; }

    public byte[] ReadLink() => HostFile.ReadLinkAt(_parent, _name, Path);

    /// <summary>Opens a regular file; no link is followed.</summary>
    public SafeFileHandle OpenRead() => HostFile.RefuseSpecial(
        HostFile.OpenAt(
            _parent,
            _name,
            OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY,
            0,
            Path),
        Path);

    public IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs() => ExtendedAttributes.Read(_parent, _name, Path);
}

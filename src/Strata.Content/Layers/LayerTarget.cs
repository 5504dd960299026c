using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// The directory a layer is extracted into, reached only through its root. Directories get their attributes at the end, since putting something into
/// one moves its time; whiteouts then become overlayfs's marks.
/// </summary>
internal sealed class LayerTarget : IDisposable
{
    private const uint WorkingMode = 0x1C0;
    private const uint ImpliedMode = 0x1ED;
    private const uint SetIdBits = 0xC00;

    private readonly RootedDirectory _root;
    private readonly RootedDirectory _cursor;
    private readonly ExtractOptions _options;
    private readonly (uint User, uint Group) _self = (Credentials.EffectiveUserId, Credentials.EffectiveGroupId);

    internal LayerTarget(string directory, ExtractOptions options)
    {
        _root = RootedDirectory.Open(directory);
        _cursor = _root.OpenCursor();
        _options = options;
    }

    internal void MakeDirectory(ImagePath path) => _cursor.MakeDirectory(path.Bytes, WorkingMode);

    internal SafeFileHandle CreateFile(ImagePath path, uint mode) => _cursor.CreateFile(path.Bytes, mode & ~SetIdBits);

    internal void Remove(ImagePath path) => _cursor.RemoveTree(path.Bytes);

    /// <summary>Gives a new file, still open, its attributes: one look-up of its name less for each than <see cref="Make"/> needs.</summary>
    internal void Finish(SafeFileHandle file, LayerEntry attributes)
    {
        if (_options.Privileged && (attributes.UserId, attributes.GroupId) != _self)
        {
            HostFile.SetOwner(file, attributes.UserId, attributes.GroupId);
        }
        if ((attributes.Mode & SetIdBits) != 0)
        {
            HostFile.SetMode(file, attributes.Mode);
        }
        foreach (var (name, value) in attributes.Xattrs)
        {
            SetXattr(attributes.Path, name, value);
        }
        HostFile.SetTimes(file, attributes.Modified);
    }

    /// <summary>Makes what is neither directory nor hard link; a regular file is there already and gets its attributes.</summary>
    internal void Make(ImagePath path, LayerEntry attributes)
    {
        switch (attributes.Kind)
        {
            case EntryKind.Regular:
                break;
            case EntryKind.SymbolicLink:
                _cursor.MakeSymbolicLink(attributes.LinkTarget.Span, path.Bytes);
                break;
            case EntryKind.Fifo:
                _cursor.MakeNode(path.Bytes, FileKind.Fifo, attributes.Mode, 0, 0);
                break;
            case EntryKind.CharacterDevice or EntryKind.BlockDevice when !_options.Privileged || !_options.Devices:
                return;
            case EntryKind.CharacterDevice:
                _cursor.MakeNode(path.Bytes, FileKind.CharacterDevice, attributes.Mode, attributes.DeviceMajor, attributes.DeviceMinor);
                break;
            case EntryKind.BlockDevice:
                _cursor.MakeNode(path.Bytes, FileKind.BlockDevice, attributes.Mode, attributes.DeviceMajor, attributes.DeviceMinor);
                break;
            default:
                throw new ArgumentException($"An entry of kind {attributes.Kind} is made otherwise.", nameof(attributes));
        }
        Apply(path, attributes, isNew: true);
    }

    internal void MakeHardLink(ImagePath existing, ImagePath path) => _cursor.MakeHardLink(existing.Bytes, path.Bytes);

    /// <summary>Gives what is there other attributes.</summary>
    internal void Change(ImagePath path, LayerEntry attributes) => Apply(path, attributes, isNew: false);

    /// <summary>Makes the marks, then gives the directories their attributes, the deepest first.</summary>
    internal void Complete(LayerShape shape)
    {
        var lower = shape.SelfContained ? null : _options.Lower?.Invoke();
        var hidden = new HashSet<ImagePath>();
        foreach (var (path, kind) in shape.Marks)
        {
            if (kind == EntryKind.Whiteout)
            {
                hidden.Add(path);
            }
            else if (path.IsRoot && lower is not null)
            {
                // overlayfs does not look at its roots for marks.
                hidden.UnionWith(lower.Children(path).Select(child => child.Path));
            }
            else if (lower is null || lower.Children(path).Any())
            {
                SetOpaque(path);
            }
        }
        foreach (var path in hidden)
        {
            MakeWhiteout(path, shape.KindAt(path), lower);
        }
        for (var i = shape.Directories.Count - 1; i >= 0; i--)
        {
            var (path, own) = shape.Directories[i];
            Apply(path, own ?? Implied(path, lower), isNew: false);
        }
    }

    public void Dispose()
    {
        _cursor.Dispose();
        _root.Dispose();
    }

    // Whiteouts only hide what lies below the layer: a directory of the same name in the layer starts anew, another file hides it anyway.
    private void MakeWhiteout(ImagePath path, EntryKind? own, MergedTree? lower)
    {
        if (lower is not null && lower.Find(path) is null)
        {
            return;
        }
        if (own is null)
        {
            _cursor.MakeNode(path.Bytes, FileKind.CharacterDevice, 0, 0, 0);
        }
        else if (own == EntryKind.Directory)
        {
            SetOpaque(path);
        }
    }

    private void SetOpaque(ImagePath directory) => _cursor.SetXattr(directory.Bytes, OverlayNames.Opaque(_options.Flavor), "y"u8);

    private static LayerEntry Implied(ImagePath path, MergedTree? lower) => lower?.Find(path) is { Entry.IsDirectory: true } below
        ? below.Entry
        : new LayerEntry { Path = path, Kind = EntryKind.Directory, Mode = ImpliedMode };

    private void Apply(ImagePath path, LayerEntry attributes, bool isNew)
    {
        if (_options.Privileged && (!isNew || (attributes.UserId, attributes.GroupId) != _self))
        {
            _cursor.SetOwner(path.Bytes, attributes.UserId, attributes.GroupId);
        }
        // What is new was made with its mode by this user, but writing and chown take set-id bits away. Capabilities go with them, so xattrs come after.
        if (!isNew || (attributes.Mode & SetIdBits) != 0)
        {
            _cursor.SetMode(path.Bytes, attributes.Mode);
        }
        foreach (var (name, value) in attributes.Xattrs)
        {
            SetXattr(path, name, value);
        }
        _cursor.SetTimes(path.Bytes, attributes.Modified);
    }

    private void SetXattr(ImagePath path, string name, byte[] value)
    {
        try
        {
            _cursor.SetXattr(path.Bytes, name, value);
        }
        catch (LinuxException e) when (e.Errno is Errno.EOPNOTSUPP or Errno.EPERM or Errno.EACCES && IsDispensable(name))
        {
            // Labels and ACLs of a system that this one is not; programs run without them.
        }
    }

    private bool IsDispensable(string name) => !_options.Privileged
        || (name != "security.capability" && !name.StartsWith("user.", StringComparison.Ordinal));
}

using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// One overlay mount. Linux 6.7 and newer take the lower directories one by one (up to 500); before that all options
/// share one page of mount(2), which is cut off without an error, so every directory goes by the short name of a descriptor.
/// </summary>
internal sealed class OverlayMount : IDisposable
{
    /// <summary>A page with its NUL byte: what mount(2) reads of the options.</summary>
    private const int OptionsSize = 4096;

    // strndup_user of fsconfig(2) takes 256 bytes with the NUL.
    private const int LongestValue = 255;

    private readonly List<SafeFileHandle> _opened = [];
    private readonly string _target;
    private readonly IReadOnlyList<string> _lowers;
    private readonly string? _upper;
    private readonly string? _work;
    private readonly OverlayFlavor _flavor;
    private readonly bool _devices;
    private readonly bool _isVolatile;

    internal OverlayMount(string target, IReadOnlyList<string> lowers, (string Upper, string Work)? writable, OverlayFlavor flavor, bool devices = false, bool isVolatile = false)
    {
        _target = target;
        _lowers = lowers;
        _upper = writable?.Upper;
        _work = writable?.Work;
        _flavor = flavor;
        _devices = devices;
        _isVolatile = isVolatile;
    }

    /// <summary>False: this kernel does not take lower directories one by one.</summary>
    internal bool TryMountByParts()
    {
        var context = (int)MountCalls.fsopen(MountCalls.SYS_fsopen, "overlay\0"u8, MountCalls.FSOPEN_CLOEXEC);
        if (context < 0)
        {
            return Failure.Number == Errno.ENOSYS ? false : throw Failure.Of("fsopen overlay", _target);
        }

        using var configuration = new SafeFileHandle(context, ownsHandle: true);
        for (var i = 0; i < _lowers.Count; i++)
        {
            if (Set(configuration, "lowerdir+", Short(_lowers[i])))
            {
                continue;
            }

            if (i == 0 && Failure.Number == Errno.EINVAL && HostFile.Status(_lowers[i], follow: true)?.Kind == FileKind.Directory)
            {
                return false;
            }

            throw Refused(configuration, $"overlay, lower directory {i + 1} of {_lowers.Count}, {_lowers[i]}");
        }
        foreach (var (key, value) in Options(Short))
        {
            if (!Set(configuration, key, value))
            {
                throw Refused(configuration, $"overlay {key}{(value is null ? "" : "=" + value)}");
            }
        }
        if (MountCalls.fsconfig(MountCalls.SYS_fsconfig, configuration, MountCalls.FSCONFIG_CMD_CREATE, default, default, 0) < 0)
        {
            throw Refused(configuration, "overlay on");
        }

        var attributes = _devices ? 0 : (uint)MountCalls.MOUNT_ATTR_NODEV;
        var mounted = (int)MountCalls.fsmount(MountCalls.SYS_fsmount, configuration, MountCalls.FSMOUNT_CLOEXEC, attributes);
        if (mounted < 0)
        {
            throw Refused(configuration, "fsmount overlay on");
        }

        using var mount = new SafeFileHandle(mounted, ownsHandle: true);
        Mounts.Attach(mount, _target);
        return true;
    }

    internal void MountByOptions()
    {
        var text = new StringBuilder("lowerdir=").AppendJoin(':', _lowers.Select(ByDescriptor));
        foreach (var (key, value) in Options(ByDescriptor))
        {
            text.Append(',').Append(key).Append(value is null ? "" : "=").Append(value);
        }

        var options = NativePath.Of(text.ToString());
        if (options.Length > OptionsSize)
        {
            throw new LinuxException(
                Errno.E2BIG, "mount overlay on", _target, $"{_lowers.Count} layers are more than this kernel takes; Linux 6.7 takes 500");
        }
        if (MountCalls.mount("overlay\0"u8, NativePath.Of(_target), "overlay\0"u8, _devices ? 0 : MountCalls.MS_NODEV, options) < 0)
        {
            throw Failure.Of("mount overlay on", _target);
        }
    }

    public void Dispose()
    {
        foreach (var handle in _opened)
        {
            handle.Dispose();
        }
    }

    /// <summary>Everything a distribution may have changed the default of is stated.</summary>
    private IEnumerable<(string Key, string? Value)> Options(Func<string, string> name)
    {
        yield return ("index", "off");
        yield return ("metacopy", "off");
        yield return ("xino", "off");
        if (_flavor == OverlayFlavor.User)
        {
            yield return ("userxattr", null);
        }
        // With userxattr the kernel refuses any other value.
        yield return ("redirect_dir", _flavor == OverlayFlavor.User ? "nofollow" : "off");
        if (_upper is not null && _work is not null)
        {
            yield return ("upperdir", name(_upper));
            yield return ("workdir", name(_work));
            if (_isVolatile)
            {
                yield return ("volatile", null);
            }
        }
    }

    /// <summary>The path itself where the kernel takes it as it is; it is what mountinfo shows.</summary>
    private string Short(string path) =>
        Encoding.UTF8.GetByteCount(path) > LongestValue || path.AsSpan().ContainsAny(':', '\\', ',') ? ByDescriptor(path) : path;

    private string ByDescriptor(string path)
    {
        var handle = HostFile.Open(path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        _opened.Add(handle);
        return string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");
    }

    private static bool Set(SafeFileHandle configuration, string key, string? value)
    {
        var command = value is null ? MountCalls.FSCONFIG_SET_FLAG : MountCalls.FSCONFIG_SET_STRING;
        var text = value is null ? default : NativePath.Of(value).AsSpan();
        return MountCalls.fsconfig(MountCalls.SYS_fsconfig, configuration, command, NativePath.Of(key), text, 0) == 0;
    }

    /// <summary>The context can be read for what the file system says of the failure: "e overlay: …".</summary>
    private LinuxException Refused(SafeFileHandle configuration, string operation)
    {
        var number = Failure.Number;
        Span<byte> message = stackalloc byte[1024];
        var length = (int)FileCalls.read(configuration, message, message.Length);
        var detail = length > 2 ? NativePath.Display(message[2..length].TrimEnd((byte)'\n')) : null;
        return new LinuxException(number, operation, _target, detail);
    }
}

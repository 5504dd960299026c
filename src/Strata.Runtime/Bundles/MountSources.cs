using System.Globalization;
using System.Text;
using Strata.Linux;
using Strata.Runtime.Spec;

namespace Strata.Runtime.Bundles;

/// <summary>Makes what is to be shown inside into a path that the runtime can bind.</summary>
internal sealed class MountSources(string place, SecurityMode security)
{
    private int _count;

    /// <summary>Without its destination, which is the caller's to find.</summary>
    internal OciMount Prepare(ContainerMount mount) => mount switch
    {
        TmpfsMount tmpfs => Binding(InMemory(tmpfs), readOnly: false),
        ContentMount content => Binding(Write(content), content.ReadOnly),
        BindMount { SubPath: { } below } bind => Binding(Pinned(bind.Source, below), bind.ReadOnly),
        BindMount bind => Binding(Existing(bind.Source), bind.ReadOnly, MayHaveDevices(bind.Source)),
        LayersMount layers => Binding(Stack(layers), !layers.Writable),
        _ => throw new OciRuntimeException($"{mount.Target}: this kind of mount is not known"),
    };

    internal static bool IsDirectory(OciMount mount) =>
        HostFile.Status(mount.Source, follow: true) is { Kind: FileKind.Directory };

    // Said even of what is mounted so already: a runtime's remount takes away what is not said.
    private static OciMount Binding(string source, bool readOnly, bool devices = false) =>
        new("", "bind", source, ["rbind", "rprivate", readOnly ? "ro" : "rw", devices ? "dev" : "nodev"]);

    /// <summary>A device or /dev that is named was meant; a node in some other directory was hardly.</summary>
    private bool MayHaveDevices(string source) =>
        security == SecurityMode.Insecure
        || HostFile.Status(source, follow: true) is not { Kind: FileKind.Directory }
        || Path.GetFullPath(source) is var full && (full == "/dev" || full.StartsWith("/dev/", StringComparison.Ordinal));

    private static string Existing(string source)
    {
        if (!Path.IsPathRooted(source))
        {
            throw new OciRuntimeException($"{source} cannot be mounted: only absolute paths of the host can, named volumes do not exist here");
        }

        return HostFile.Status(source, follow: true) is not null
            ? source
            : throw new OciRuntimeException($"{source} cannot be mounted: it does not exist on this machine");
    }

    /// <summary>Not left to the runtime: runc gives it the mode of the directory it covers.</summary>
    private string InMemory(TmpfsMount tmpfs)
    {
        var path = NewPlace();
        Directory.CreateDirectory(path);
        var size = tmpfs.Size is { } bytes ? string.Create(CultureInfo.InvariantCulture, $",size={bytes}") : "";
        Mounts.Tmpfs(path, "mode=" + Convert.ToString(tmpfs.Mode, 8) + size);
        return path;
    }

    private string Write(ContentMount content)
    {
        var path = NewPlace();
        var name = Encoding.UTF8.GetBytes(Path.GetFileName(path));
        using var root = RootedDirectory.Open(place);
        using var file = root.CreateFile(name, content.Mode);
        RandomAccess.Write(file, content.Content.Span, 0);
        root.SetOwner(name, content.UserId, content.GroupId);
        root.SetMode(name, content.Mode);
        return path;
    }

    private string Stack(LayersMount layers)
    {
        var root = NewPlace();
        Directory.CreateDirectory(root);
        IReadOnlyList<string> lowers = layers.Snapshots.Count == 0 ? [Path.Combine(place, "empty")] : [.. layers.Snapshots.Reverse()];
        if (layers.Writable)
        {
            var (upper, work) = (NewPlace(), NewPlace());
            Directory.CreateDirectory(upper);
            Directory.CreateDirectory(work);
            Mounts.Overlay(root, lowers, upper, work, OverlayFlavor.Trusted);
        }
        else
        {
            Mounts.Overlay(root, lowers, null, null, OverlayFlavor.Trusted);
        }
        return layers.SubPath is { } below ? Pinned(root, below) : root;
    }

    /// <summary>
    /// Bound by descriptor: between looking and binding nobody can put a link in the way that leads out (CVE-2024-23651).
    /// </summary>
    private string Pinned(string root, string below)
    {
        using var rooted = RootedDirectory.Open(root);
        var path = Encoding.UTF8.GetBytes(below);
        if (rooted.Status(path, followLast: true) is null)
        {
            throw new OciRuntimeException($"{below} cannot be mounted: there is no such file or directory in its source");
        }

        using var found = rooted.OpenRead(path, followLast: true);
        var target = NewPlace();
        if (HostFile.Status(found).Kind == FileKind.Directory)
        {
            Directory.CreateDirectory(target);
        }
        else
        {
            File.WriteAllBytes(target, []);
        }

        Mounts.Bind(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{found.DangerousGetHandle()}"), target, recursive: true, readOnly: false);
        return target;
    }

    private string NewPlace() => Path.Combine(place, string.Create(CultureInfo.InvariantCulture, $"m{_count++}"));
}

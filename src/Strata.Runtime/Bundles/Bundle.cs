using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Oci;
using Strata.Runtime.Spec;

namespace Strata.Runtime.Bundles;

/// <summary>
/// A runtime's bundle: config.json and a root file system, in memory, in the mount namespace of a contained process. It
/// needs no clean-up: it goes with the last process of the namespace.
/// </summary>
internal sealed class Bundle
{
    private const string ConsoleSocket = "console";

    private readonly BundleRequest _request;
    private readonly MountPoints _mountPoints;

    private Bundle(BundleRequest request, MountPoints mountPoints)
    {
        _request = request;
        _mountPoints = mountPoints;
    }

    private string PidFile => Path.Combine(_request.MountPoint, "pid");

    /// <exception cref="OciRuntimeException">With the exit code it stands for.</exception>
    internal static Bundle Assemble(BundleRequest request)
    {
        try
        {
            var place = request.MountPoint;
            Mounts.Tmpfs(place, "mode=700");
            string[] folders = ["rootfs", "runtime", "empty"];
            foreach (var folder in folders)
            {
                Directory.CreateDirectory(Path.Combine(place, folder));
            }

            var root = Path.Combine(place, "rootfs");
            IReadOnlyList<string> lowers = request.Snapshots.Count == 0 ? [Path.Combine(place, "empty")] : [.. request.Snapshots.Reverse()];
            LookLikeRootBelow(request);
            var insecure = request.Container.Security == SecurityMode.Insecure;
            // A layer may bring device nodes. runc keeps this; crun 1.8 takes it away again when it binds the root to itself.
            Mounts.Overlay(root, lowers, request.Upper, request.Work, request.Flavor, devices: insecure, isVolatile: request.IsVolatile);
            if (request.Runtime.Kind == OciRuntimeKind.Crun)
            {
                ControlGroups.HideSecondVersion();
            }

            using var rooted = RootedDirectory.Open(root);
            var mountPoints = new MountPoints(rooted);
            WriteConfiguration(request, rooted, mountPoints);
            return new Bundle(request, mountPoints);
        }
        catch (LinuxException failure)
        {
            throw new OciRuntimeException($"the container's file system could not be put together: {failure.Message}", failure);
        }
    }

    /// <summary>The runtime stays until the program ends and then ends with its code; the descriptors are the program's.</summary>
    internal ProcessStart RunAttached(IReadOnlyList<(SafeFileHandle Handle, int ChildFd)> descriptors) => Command([], descriptors);

    /// <summary>The runtime ends when the program runs, which is this process's child from then on.</summary>
    internal ProcessStart RunDetached(IReadOnlyList<(SafeFileHandle Handle, int ChildFd)> descriptors) =>
        Command(_request.Container.Terminal ? ["--detach", "--console-socket", ConsoleSocket] : ["--detach"], descriptors);

    /// <summary>Where the runtime hands over the terminal it makes inside.</summary>
    internal DescriptorListener ListenForTerminal() => DescriptorListener.Create(_request.MountPoint, ConsoleSocket);

    /// <summary>Of the program, in this process's namespace; null when it never came to be.</summary>
    internal int? ProcessId =>
        File.Exists(PidFile) && int.TryParse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture, out var pid) ? pid : null;

    /// <summary>What the runtime leaves outside the namespaces when it is not there at the end.</summary>
    internal void RemoveControlGroup() => ControlGroups.Remove(_request.Id);

    internal void RemoveMountPoints()
    {
        using var upper = RootedDirectory.Open(_request.Upper);
        _mountPoints.RemoveFrom(upper);
    }

    private ProcessStart Command(IReadOnlyList<string> options, IReadOnlyList<(SafeFileHandle Handle, int ChildFd)> descriptors) => new()
    {
        Path = _request.Runtime.Path,
        Arguments = _request.Runtime.RunArguments(_request.Id, options),
        // Nothing of whoever started the build reaches the runtime, and so the container.
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
        WorkingDirectory = _request.MountPoint,
        Descriptors = descriptors,
        NewSession = true,
    };

    /// <summary>The upper directory's own mode, owner and time are what is seen of the root.</summary>
    private static void LookLikeRootBelow(BundleRequest request)
    {
        using var upper = RootedDirectory.Open(request.Upper);
        if (upper.List(default).Count > 0)
        {
            return;
        }

        if (request.Snapshots.Count > 0 && HostFile.Status(request.Snapshots[^1], follow: true) is { } below)
        {
            upper.SetOwner(default, below.UserId, below.GroupId);
            upper.SetMode(default, below.Mode);
            upper.SetTimes(default, below.Modified);
        }
        else
        {
            upper.SetMode(default, 0x1ED); // 0755
        }
    }

    private static void WriteConfiguration(BundleRequest request, RootedDirectory root, MountPoints mountPoints)
    {
        var container = request.Container;
        var kernel = SpecWriter.KernelMounts(container.Security, ControlGroups.AreMounted);
        foreach (var mount in kernel)
        {
            mountPoints.Prepare(mount.Destination, isDirectory: true);
        }

        var sources = new MountSources(request.MountPoint, container.Security);
        var mounts = new List<OciMount>(kernel);
        foreach (var mount in container.Mounts.OrderBy(mount => mount.Target.Count(character => character == '/')))
        {
            if (!mount.Target.StartsWith('/'))
            {
                throw new OciRuntimeException($"a mount's target must be absolute, and {mount.Target} is not");
            }

            var source = sources.Prepare(mount);
            mounts.Add(source with { Destination = Text(mountPoints.Prepare(mount.Target, MountSources.IsDirectory(source))) });
        }
        var cwd = RootPath.Resolve(root, WorkingDirectory(container));
        if (cwd.Path.IsWithin(ProcPath) && cwd.Path != ProcPath)
        {
            throw new OciRuntimeException($"the working directory {container.WorkingDirectory} leads to {cwd.Path}: nothing may start inside /proc");
        }

        if (cwd.Status is { Kind: not FileKind.Directory })
        {
            throw new OciRuntimeException($"the working directory {container.WorkingDirectory} is not a directory") { ExitCode = 126 };
        }

        mountPoints.Keep(cwd);
        ExecutableCheck.Run(root, mountPoints, container, Text(cwd.Path));
        var controlGroup = request.Runtime.Kind == OciRuntimeKind.Runc ? ControlGroups.PathOf(request.Id) : null;
        var spec = SpecWriter.Write(container, Text(cwd.Path), mounts, controlGroup);
        File.WriteAllBytes(Path.Combine(request.MountPoint, "config.json"), JsonSerializer.SerializeToUtf8Bytes(spec, RuntimeJson.Plain.OciSpec));
    }

    private static ImagePath ProcPath { get; } = ImagePath.Parse("proc");

    private static string WorkingDirectory(ContainerSpec container) => container.WorkingDirectory.StartsWith('/')
        ? container.WorkingDirectory
        : throw new OciRuntimeException($"the working directory must be absolute, and {container.WorkingDirectory} is not");

    private static string Text(ImagePath path) => "/" + Encoding.UTF8.GetString(path.Bytes);
}

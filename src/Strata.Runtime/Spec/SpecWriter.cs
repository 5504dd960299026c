using Strata.Linux;

namespace Strata.Runtime.Spec;

/// <summary>From what is to run to the runtime's configuration.</summary>
internal static class SpecWriter
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private const string MakeNodes = "CAP_MKNOD";

    // Docker's default set.
    private static readonly string[] SandboxCapabilities =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", MakeNodes, "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    private static readonly string[] Masked =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    private static readonly OciMount Proc = new("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]);
    private static readonly OciMount Dev = new("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]);

    private static readonly OciMount DevPts =
        new("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]);

    private static readonly OciMount DevShm = new("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]);
    private static readonly OciMount DevMqueue = new("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]);

    /// <summary>The file systems of the kernel that every container has; <see cref="OciMount.Destination"/> of each is a directory.</summary>
    internal static IReadOnlyList<OciMount> KernelMounts(SecurityMode security, bool controlGroups)
    {
        string[] writable = security == SecurityMode.Insecure ? [] : ["ro"];
        List<OciMount> mounts = [Proc, Dev, DevPts, DevShm, DevMqueue, new("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", .. writable])];
        if (controlGroups)
        {
            mounts.Add(new("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", .. writable]));
        }

        return mounts;
    }

    /// <param name="container">What is to run.</param>
    /// <param name="cwd">Its working directory, resolved.</param>
    /// <param name="mounts">Everything to mount, in order.</param>
    /// <param name="cgroupsPath">Null: no control group of its own.</param>
    internal static OciSpec Write(ContainerSpec container, string cwd, IReadOnlyList<OciMount> mounts, string? cgroupsPath)
    {
        var sandbox = container.Security == SecurityMode.Sandbox;
        var capabilities = sandbox ? Sandboxed(container, cgroupsPath) : OwnCapabilities();
        return new OciSpec
        {
            Hostname = container.Hostname,
            Root = new OciRoot("rootfs", container.ReadOnlyRoot),
            Mounts = mounts,
            Process = new OciProcess
            {
                Terminal = container.Terminal,
                ConsoleSize = container is { Terminal: true, TerminalSize: { } size } ? new OciConsoleSize((uint)size.Rows, (uint)size.Columns) : null,
                User = new OciUser(container.User.UserId, container.User.GroupId, container.User.Groups),
                Args = container.Arguments,
                Env = Environment(container),
                Cwd = cwd,
                Capabilities = Capabilities(capabilities, container.User.UserId),
                Rlimits = container.Limits.Count == 0 ? null : ProcessLimits.Lower(container.Limits),
                NoNewPrivileges = container.NoNewPrivileges,
            },
            Linux = new OciLinux
            {
                Namespaces = Namespaces(container.Network),
                CgroupsPath = cgroupsPath,
                Resources = new OciResources(sandbox ? Devices() : [new() { Allow = true, Access = "rwm" }]),
                Seccomp = sandbox ? RefusedCalls.Profile(capabilities) : null,
                MaskedPaths = sandbox ? Masked : null,
                ReadonlyPaths = sandbox ? ReadOnly : null,
            },
        };
    }

    private static List<string> Environment(ContainerSpec container)
    {
        var variables = container.Environment.ToList();
        if (!Has("PATH="))
        {
            variables.Insert(0, DefaultPath);
        }

        if (!Has("HOME="))
        {
            variables.Add("HOME=" + (container.User.Home ?? "/"));
        }

        if (container.Terminal && !Has("TERM="))
        {
            variables.Add("TERM=xterm");
        }

        return variables;

        bool Has(string name) => variables.Exists(variable => variable.StartsWith(name, StringComparison.Ordinal));
    }

    /// <summary>As the kernel would on exec: an ordinary user gets none, but a set-user-id program may come to the bounding set.</summary>
    private static OciCapabilities Capabilities(IReadOnlyList<string> set, uint userId) => userId == 0 ? new(set, set, set) : new(set, [], []);

    /// <summary>
    /// Without a control group nothing tells a harmless device from the disk of the machine, and /dev has to be a place
    /// where nodes can be opened: so no node of a device is made. Fifos and sockets need no capability.
    /// </summary>
    private static IReadOnlyList<string> Sandboxed(ContainerSpec container, string? cgroupsPath)
    {
        var (added, dropped) = (container.AddedCapabilities, container.DroppedCapabilities);
        // Docker's rule: ALL that is added loses what is dropped; else what is dropped goes first and what is added comes back.
        var set = added.Contains(CapabilitySet.All)
            ? OwnCapabilities().Except(dropped)
            : (dropped.Contains(CapabilitySet.All) ? [] : SandboxCapabilities.Except(dropped)).Union(added);
        return [.. set.Where(name => name != MakeNodes || cgroupsPath is not null)];
    }

    /// <summary>A runtime refuses a set with more than this process may give away.</summary>
    private static List<string> OwnCapabilities() => CapabilityNames.All.Where((_, bit) => Credentials.Has((Capability)bit)).ToList();

    private static OciNamespace[] Namespaces(NetworkMode network)
    {
        OciNamespace[] always = [new("pid"), new("ipc"), new("uts"), new("mount"), new("cgroup")];
        return network == NetworkMode.None ? [.. always, new("network")] : always;
    }

    /// <summary>Where the runtime has a control group: nodes may be made, but only the harmless ones opened.</summary>
    private static OciDeviceRule[] Devices()
    {
        const string Character = "c";
        const string ReadWriteMake = "rwm";
        return
        [
            new() { Allow = false, Access = ReadWriteMake },
            new() { Allow = true, Type = Character, Access = "m" },
            new() { Allow = true, Type = "b", Access = "m" },
            .. new (long Major, long? Minor)[] { (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, null) }
                .Select(device => new OciDeviceRule { Allow = true, Type = Character, Major = device.Major, Minor = device.Minor, Access = ReadWriteMake }),
        ];
    }
}

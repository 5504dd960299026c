using System.Runtime.InteropServices;

namespace Strata.Runtime.Spec;

/// <summary>
/// The system calls a sandbox refuses. Docker lists what is allowed, some 400 names that age with the kernel; here
/// everything is allowed but what reaches the kernel's rarely used or unnamespaced parts, which the capabilities refuse
/// for the most part already: this is the second fence, and it closes user namespaces, the usual way around the first.
/// </summary>
internal static class RefusedCalls
{
    private const string Refuse = "SCMP_ACT_ERRNO";
    private const uint NotPermitted = 1;
    private const uint NotImplemented = 38;
    private const string Administration = "CAP_SYS_ADMIN";
    private const ulong NewUserNamespace = 0x10000000;

    private static readonly string[] Names =
    [
        "acct", "add_key", "bpf", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", "create_module", "delete_module",
        "finit_module", "get_kernel_syms", "init_module", "io_uring_enter", "io_uring_register", "io_uring_setup", "ioperm", "iopl",
        "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mount_setattr", "move_mount", "move_pages", "nfsservctl", "open_by_handle_at",
        "open_tree", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "perf_event_open", "pivot_root", "query_module", "quotactl",
        "quotactl_fd", "reboot", "request_key", "setns", "settimeofday", "stime", "swapoff", "swapon", "_sysctl", "sysfs",
        "umount", "umount2", "uselib", "userfaultfd", "vm86", "vm86old",
    ];

    /// <summary>What a capability is for: who has been given it may make these calls.</summary>
    private static readonly Dictionary<string, string[]> Opened = new(StringComparer.Ordinal)
    {
        [Administration] =
        [
            "bpf", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr", "move_mount", "open_tree",
            "perf_event_open", "pivot_root", "quotactl", "quotactl_fd", "setns", "swapoff", "swapon", "umount", "umount2",
        ],
        ["CAP_BPF"] = ["bpf"],
        ["CAP_PERFMON"] = ["perf_event_open"],
        ["CAP_DAC_READ_SEARCH"] = ["open_by_handle_at"],
        ["CAP_SYS_BOOT"] = ["reboot", "kexec_load", "kexec_file_load"],
        ["CAP_SYS_MODULE"] = ["create_module", "delete_module", "finit_module", "init_module", "query_module"],
        ["CAP_SYS_NICE"] = ["move_pages"],
        ["CAP_SYS_PACCT"] = ["acct"],
        ["CAP_SYS_RAWIO"] = ["ioperm", "iopl"],
        ["CAP_SYS_TIME"] = ["clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", "settimeofday", "stime"],
    };

    /// <param name="capabilities">That the container has.</param>
    internal static OciSeccomp? Profile(IReadOnlyList<string> capabilities) => Architectures() is { } architectures
        ? new OciSeccomp("SCMP_ACT_ALLOW", architectures, [.. Rules(capabilities)])
        : null;

    private static IEnumerable<OciSyscallRule> Rules(IReadOnlyList<string> capabilities)
    {
        yield return new([.. Names.Except(capabilities.SelectMany(name => Opened.GetValueOrDefault(name) ?? []))], Refuse) { ErrnoRet = NotPermitted };
        if (capabilities.Contains(Administration))
        {
            yield break;
        }

        yield return new(["clone", "unshare"], Refuse)
        {
            ErrnoRet = NotPermitted,
            Args = [new(0, NewUserNamespace, NewUserNamespace, "SCMP_CMP_MASKED_EQ")],
        };
        // Its flags are in memory, where a filter cannot look; C libraries fall back to clone.
        yield return new(["clone3"], Refuse) { ErrnoRet = NotImplemented };
    }

    /// <summary>All that the processor runs, or the other kind of call would go around the list.</summary>
    private static string[]? Architectures() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        Architecture.Arm64 => ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
        _ => null,
    };
}

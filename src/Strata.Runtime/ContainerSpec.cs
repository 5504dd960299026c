namespace Strata.Runtime;

/// <summary>What runs inside, whatever it runs on: a step of a build or a container.</summary>
public sealed record ContainerSpec
{
    /// <summary>The program and its arguments; a name without a slash is looked up in the PATH of <see cref="Environment"/>.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>NAME=value. PATH and HOME get Docker's defaults where they are missing, TERM too in a terminal.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Absolute. Made (root's, 0755) where it does not exist.</summary>
    public string WorkingDirectory { get; init; } = "/";

    public UserIdentity User { get; init; } = UserIdentity.Root;
    public required string Hostname { get; init; }
    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];
    public NetworkMode Network { get; init; }
    public SecurityMode Security { get; init; }
    public bool Terminal { get; init; }

    /// <summary>What the terminal starts with; null: unknown.</summary>
    public TerminalSize? TerminalSize { get; init; }

    public bool ReadOnlyRoot { get; init; }
    public bool NoNewPrivileges { get; init; }

    /// <summary>To the sandbox's set, as <see cref="CapabilitySet.TryParse"/> names them.</summary>
    public IReadOnlyList<string> AddedCapabilities { get; init; } = [];

    /// <summary>From the sandbox's set; what is added too stays.</summary>
    public IReadOnlyList<string> DroppedCapabilities { get; init; } = [];

    /// <summary>Only ever lowered: a limit above this process's own is cut to it.</summary>
    public IReadOnlyList<ResourceLimit> Limits { get; init; } = [];
}

public readonly record struct TerminalSize(int Columns, int Rows);

public enum NetworkMode
{
    /// <summary>The network of the machine.</summary>
    Host,

    /// <summary>A loopback device and nothing else.</summary>
    None,
}

public enum SecurityMode
{
    /// <summary>Docker's default capabilities, masked and read-only paths of the kernel, and Strata's list of refused system calls.</summary>
    Sandbox,

    /// <summary>Every capability this process has; nothing masked or refused.</summary>
    Insecure,
}

/// <param name="Name">As the runtime specification writes it: "RLIMIT_NOFILE".</param>
/// <param name="Soft">What is in force.</param>
/// <param name="Hard">How far a process may raise it again.</param>
public sealed record ResourceLimit(string Name, ulong Soft, ulong Hard);

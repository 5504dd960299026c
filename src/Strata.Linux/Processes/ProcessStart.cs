using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>What to start. Nothing is looked up or split by a shell.</summary>
public sealed record ProcessStart
{
    /// <summary>The program's file, absolute (a relative one counts from <see cref="WorkingDirectory"/>).</summary>
    public required string Path { get; init; }

    /// <summary>argv, its first element (the name the program sees itself by) included.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Null: this process's own.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Null: this process's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>What the child has open, by its numbers. 0, 1 and 2 are /dev/null where they are not given; all others are closed.</summary>
    public IReadOnlyList<(SafeFileHandle Handle, int ChildFd)> Descriptors { get; init; } = [];

    /// <summary>The child leads a session of its own, without a controlling terminal.</summary>
    public bool NewSession { get; init; }

    /// <summary>
    /// A terminal's path ("/dev/pts/3"): the child leads a new session with it as controlling terminal and as 0, 1
    /// and 2 where these are not given.
    /// </summary>
    public string? ControllingTerminal { get; init; }

    /// <summary>The child leads a process group of its own, so that the terminal's Ctrl-C does not reach it.</summary>
    public bool NewProcessGroup { get; init; }

    /// <summary>The child leads a process group of its own and gets the foreground of the terminal at its descriptor 0.</summary>
    public bool ForegroundGroup { get; init; }
}

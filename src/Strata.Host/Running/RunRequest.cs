using Strata.Host.Images;
using Strata.Linux;
using Strata.Runtime;

namespace Strata.Host.Running;

/// <summary>A container as a person asked for it; what is null comes from the image.</summary>
public sealed record RunRequest
{
    /// <summary>Name, id or beginning of an id; pulled when it is a name that is not here.</summary>
    public required string Image { get; init; }

    public PullPolicy Pull { get; init; }

    /// <summary>Hears what may keep the container from running, before it is tried.</summary>
    public Action<string> Warn { get; init; } = static _ => { };

    /// <summary>Replace the image's CMD.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public string? Name { get; init; }

    /// <summary>An empty text removes the image's.</summary>
    public string? Entrypoint { get; init; }

    /// <summary><c>NAME=value</c>; <c>NAME</c> alone takes the caller's value.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Files with a variable in each line; <see cref="Environment"/> wins over them.</summary>
    public IReadOnlyList<string> EnvironmentFiles { get; init; } = [];

    /// <summary><c>key=value</c>; <c>key</c> alone has an empty value.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary><c>host:container[:ro]</c>.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary><c>path[:size=64m,mode=1777]</c>.</summary>
    public IReadOnlyList<string> MemoryFolders { get; init; } = [];

    public IReadOnlyList<string> AddedCapabilities { get; init; } = [];
    public IReadOnlyList<string> DroppedCapabilities { get; init; } = [];
    public string? WorkingDirectory { get; init; }
    public string? User { get; init; }
    public string? Hostname { get; init; }
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];
    public NetworkMode Network { get; init; }

    /// <summary>A name or number, as <see cref="SignalName"/> reads it.</summary>
    public string? StopSignal { get; init; }

    public bool Interactive { get; init; }
    public bool Terminal { get; init; }
    public bool ReadOnlyRoot { get; init; }
    public bool RemoveWhenEnded { get; init; }
}

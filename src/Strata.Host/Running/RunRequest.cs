using Strata.Host.Images;
using Strata.Runtime;

namespace Strata.Host.Running;

/// <summary>A container as a person asked for it; what is null comes from the image.</summary>
public sealed record RunRequest
{
    /// <summary>Name, id or beginning of an id; pulled when it is a name that is not here.</summary>
    public required string Image { get; init; }

    public PullPolicy Pull { get; init; }

    /// <summary>Replace the image's CMD.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public string? Name { get; init; }

    /// <summary>An empty text removes the image's.</summary>
    public string? Entrypoint { get; init; }

    /// <summary><c>NAME=value</c>; <c>NAME</c> alone takes the caller's value.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary><c>host:container[:ro]</c>.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    public string? WorkingDirectory { get; init; }
    public string? User { get; init; }
    public string? Hostname { get; init; }
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];
    public NetworkMode Network { get; init; }
    public bool Interactive { get; init; }
    public bool Terminal { get; init; }
    public bool ReadOnlyRoot { get; init; }
    public bool RemoveWhenEnded { get; init; }
}

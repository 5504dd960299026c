using Strata.Runtime.Bundles;

namespace Strata.Runtime.Containers;

/// <summary>container.json: what the monitor runs, and how.</summary>
internal sealed record MonitorRequest
{
    public required BundleRequest Bundle { get; init; }
    public required int StopSignal { get; init; }

    /// <summary>Standard input goes inside.</summary>
    public required bool Interactive { get; init; }

    /// <summary>Output goes to the monitor's own streams too, which are its starter's.</summary>
    public required bool Attached { get; init; }

    /// <summary>How it ends need not outlive a crash of the machine.</summary>
    public required bool Ephemeral { get; init; }
}

/// <summary>What the monitor tells its starter, once: it runs, or why it does not.</summary>
internal sealed record MonitorReady
{
    public string? Problem { get; init; }
    public int ExitCode { get; init; }
}

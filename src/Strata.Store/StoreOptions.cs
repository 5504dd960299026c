using Strata.Linux;

namespace Strata.Store;

public sealed record StoreOptions
{
    /// <summary>The store's folder; made at its first use.</summary>
    public required string Root { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Who is named in the history of names.</summary>
    public string Who { get; init; } = "";

    /// <summary>How snapshots mark what a layer hides; those made with the other flavour are not used.</summary>
    public OverlayFlavor Flavor { get; init; } = OverlayFlavor.Trusted;

    /// <summary>False where owners and devices can't be made in snapshots: an ordinary user outside a user namespace.</summary>
    public bool Privileged { get; init; } = true;
}

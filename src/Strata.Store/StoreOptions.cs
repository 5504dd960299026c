using Strata.Linux;

namespace Strata.Store;

public sealed record StoreOptions
{
    /// <summary>The store's folder.</summary>
    public required string Root { get; init; }

    /// <summary>Whether to make a store where there is none. Otherwise what is not there is an empty store, which takes nothing.</summary>
    public bool Make { get; init; } = true;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Who is named in the history of names.</summary>
    public string Who { get; init; } = "";

    /// <summary>How snapshots mark what a layer hides; those made with the other flavour are not used.</summary>
    public OverlayFlavor Flavor { get; init; } = OverlayFlavor.Trusted;

    /// <summary>False where owners and devices can't be made in snapshots: an ordinary user outside a user namespace.</summary>
    public bool Privileged { get; init; } = true;
}

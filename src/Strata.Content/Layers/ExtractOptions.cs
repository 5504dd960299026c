using Strata.Linux;

namespace Strata.Content.Layers;

public sealed record ExtractOptions
{
    public OverlayFlavor Flavor { get; init; } = OverlayFlavor.Trusted;

    /// <summary>
    /// The layers below, asked for only when the layer turns out not to be self-contained: directories it merely implies
    /// then look as they do below, and only whiteouts that hide something are made. Null: nothing is known of what lies below, so every
    /// whiteout is made, and implied directories are 0755 and root's.
    /// </summary>
    public Func<MergedTree>? Lower { get; init; }

    /// <summary>False leaves everything the caller's, and skips device nodes: what an ordinary user without a user namespace can do.</summary>
    public bool Privileged { get; init; } = true;

    /// <summary>
    /// False makes no character and block devices. A snapshot that a container sees has none: an image chooses what its nodes lead to, and not
    /// every OCI runtime keeps a mount's nodev. What programs need in /dev the runtime makes.
    /// </summary>
    public bool Devices { get; init; } = true;

    /// <summary>How many threads may write files, where the layer allows that.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    public IndexLimits Limits { get; init; } = IndexLimits.Default;
}

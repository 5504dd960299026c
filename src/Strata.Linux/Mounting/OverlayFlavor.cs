namespace Strata.Linux;

/// <summary>Where overlayfs keeps its marks: trusted.overlay.* (root) or user.overlay.* (inside a user namespace).</summary>
public enum OverlayFlavor
{
    Trusted,
    User,
}

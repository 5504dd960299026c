namespace Strata.Linux;

/// <summary>Where overlayfs keeps its marks: <c>trusted.overlay.*</c> (root), or <c>user.overlay.*</c> (mount option userxattr).</summary>
public enum OverlayFlavor
{
    Trusted,
    User,
}

using Strata.Linux;

namespace Strata.Content.Layers;

/// <summary>Extended attributes that are overlayfs's own; in a layer from elsewhere they would change what a mount shows, so none is kept.</summary>
internal static class OverlayNames
{
    private const string TrustedPrefix = "trusted.overlay.";
    private const string UserPrefix = "user.overlay.";

    internal static string Prefix(OverlayFlavor flavor) => flavor == OverlayFlavor.Trusted ? TrustedPrefix : UserPrefix;

    internal static string Opaque(OverlayFlavor flavor) => Prefix(flavor) + "opaque";

    internal static bool IsOwn(string xattr) =>
        xattr.StartsWith(TrustedPrefix, StringComparison.Ordinal) || xattr.StartsWith(UserPrefix, StringComparison.Ordinal);

    internal static IReadOnlyList<KeyValuePair<string, byte[]>> Without(IReadOnlyList<KeyValuePair<string, byte[]>> xattrs) =>
        xattrs.Any(xattr => IsOwn(xattr.Key)) ? [.. xattrs.Where(xattr => !IsOwn(xattr.Key))] : xattrs;
}

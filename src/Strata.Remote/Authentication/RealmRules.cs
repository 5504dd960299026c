using Strata.Remote.Transport;

namespace Strata.Remote.Authentication;

/// <summary>
/// Whether a registry may send the client, with its credentials, to a token server. A registry on the outside could otherwise
/// make every client's machine call what only that machine can reach. These are the rules for what stands in the URL; what its name
/// turns out to mean is seen by <see cref="OutwardConnection"/>.
/// </summary>
internal static class RealmRules
{
    public static bool IsAllowed(Uri realm, RegistryEndpoint registry)
    {
        if (realm.UserInfo.Length > 0)
        {
            return false;
        }
        if (realm.Scheme != Uri.UriSchemeHttps && !(realm.Scheme == Uri.UriSchemeHttp && registry.Base.Scheme == Uri.UriSchemeHttp))
        {
            return false;
        }
        return !InnerAddress.IsNamedBy(realm) || InnerAddress.IsNamedBy(registry.Base);
    }

    /// <summary>Whether a manifest, which anybody may have written, may send the client to a place that is no registry's.</summary>
    public static bool IsAllowedForLayers(Uri url) => url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && !InnerAddress.IsNamedBy(url);
}

using System.Net;
using Strata.Oci;

namespace Strata.Remote;

/// <summary>Where a registry answers. <paramref name="Name"/> is what references call it; <paramref name="Base"/> ends with a slash.</summary>
internal sealed record RegistryEndpoint(string Name, Uri Base)
{
    /// <summary>Whether its certificate is not asked for: by an option, or by registries.conf.</summary>
    public bool IsInsecure { get; init; }

    private const string DockerHubAddress = "registry-1.docker.io";

    /// <summary>What references call the registry at a host: Docker Hub has hosts whose names no reference has.</summary>
    public static string NameOf(string host) => host is DockerHubAddress or "index.docker.io" ? Reference.DefaultRegistry : host;

    public static Uri BaseOf(string registry, string scheme) =>
        Uri.TryCreate($"{scheme}://{(registry == Reference.DefaultRegistry ? DockerHubAddress : registry)}/", UriKind.Absolute, out var url)
            ? url
            : throw new RegistryException($"'{registry}' is no registry's host and port.");

    /// <summary>Hosts that never leave this machine; Docker speaks plain HTTP to them without being told.</summary>
    public static bool IsLoopback(string registry)
    {
        var host = BaseOf(registry, Uri.UriSchemeHttps).IdnHost;
        return host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }

    /// <summary>Whether its name says the port, which then is the same for whatever is spoken there.</summary>
    public bool HasPort => Name[(Name.LastIndexOf(']') + 1)..].Contains(':', StringComparison.Ordinal);

    public bool IsOriginOf(Uri url) => url.Scheme == Base.Scheme && url.IdnHost == Base.IdnHost && url.Port == Base.Port;
}

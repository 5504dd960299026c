using System.Globalization;
using System.Net;

namespace Strata.Remote.Transport;

/// <summary>
/// The proxies that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name, read as docker, podman and curl read them: a host in NO_PROXY
/// stands for itself and what is below it, one with a dot before it for what is below, and addresses may be ranges (10.0.0.0/8).
/// This machine itself is never reached through a proxy.
/// </summary>
public sealed class EnvironmentProxy : IWebProxy
{
    private readonly Uri? _plain;
    private readonly Uri? _secure;
    private readonly IReadOnlyList<Exemption> _exempt;

    public EnvironmentProxy(Func<string, string?> variable)
    {
        var all = Read(variable, "ALL_PROXY");
        _secure = Read(variable, "HTTPS_PROXY") ?? all;
        // A web server's program gets HTTP_PROXY from whoever sends a header "Proxy" (CVE-2016-5385).
        _plain = (string.IsNullOrEmpty(variable("REQUEST_METHOD")) ? Read(variable, "HTTP_PROXY") : null) ?? all;
        _exempt = [.. (Variable(variable, "NO_PROXY") ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Exemption.Parse)];
        Credentials = new ProxyLogins([_plain, _secure]);
    }

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : ProxyFor(destination);

    public bool IsBypassed(Uri host) => ProxyFor(host) is null || RegistryEndpoint.IsLoopback(host.Authority) || _exempt.Any(exemption => exemption.Covers(host));

    private Uri? ProxyFor(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _secure : _plain;

    private static string? Variable(Func<string, string?> variable, string name) =>
        variable(name) is { Length: > 0 } upper ? upper : variable(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : null;

    private static Uri? Read(Func<string, string?> variable, string name)
    {
        if (Variable(variable, name) is not { } text)
        {
            return null;
        }
        return Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var proxy)
            && proxy.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5" or "socks5h"
            ? proxy.Scheme == "socks5h" ? new UriBuilder(proxy) { Scheme = "socks5" }.Uri : proxy
            : throw new RegistryConfigurationException($"The variable {name} should be a proxy's URL, such as http://proxy.example:3128, and is none.");
    }

    /// <summary>One entry of NO_PROXY.</summary>
    private sealed record Exemption(string Host, bool IncludesHost, IPNetwork? Range, int? Port)
    {
        private const string Everything = "*";

        public static Exemption Parse(string text)
        {
            var host = text.ToLowerInvariant();
            int? port = null;
            if (IPNetwork.TryParse(host, out var range))
            {
                return new Exemption(host, true, range, null);
            }
            if (!IPAddress.TryParse(host.Trim('[', ']'), out _) && host.LastIndexOf(':') is var colon and > 0
                && int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                (host, port) = (host[..colon], number);
            }
            host = host.StartsWith("*.", StringComparison.Ordinal) ? host[1..] : host.Trim('[', ']');
            return new Exemption(host.TrimStart('.'), !host.StartsWith('.'), null, port);
        }

        public bool Covers(Uri url)
        {
            if (Port is { } port && port != url.Port)
            {
                return false;
            }
            var host = url.IdnHost.Trim('[', ']');
            if (Host == Everything)
            {
                return true;
            }
            if (IPAddress.TryParse(host, out var address))
            {
                return Range is { } range ? range.Contains(address) : IPAddress.TryParse(Host, out var single) && single.Equals(address);
            }
            return (IncludesHost && host == Host) || host.EndsWith("." + Host, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The names and passwords that stand in the proxies' URLs.</summary>
    private sealed class ProxyLogins(IReadOnlyList<Uri?> proxies) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            var proxy = proxies.FirstOrDefault(p => p is { UserInfo.Length: > 0 } && p.Host == uri.Host && p.Port == uri.Port);
            if (proxy is null)
            {
                return null;
            }
            var parts = proxy.UserInfo.Split(':', 2);
            return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }
}

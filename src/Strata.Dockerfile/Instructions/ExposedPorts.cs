using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Strata.Dockerfile;

/// <summary>Reads what EXPOSE says after expansion.</summary>
public static class ExposedPorts
{
    /// <summary>
    /// The ports of one word in the form image configs have them (<c>80/tcp</c>). A range is several; an address and a host port
    /// in front are accepted and forgotten. False with a sentence when the word is no port.
    /// </summary>
    public static bool TryParse(string word, out ImmutableArray<string> ports, out string? error)
    {
        ports = [];
        string[] parts = word.Split(':');
        string[] container = parts[^1].Split('/', 2);
        string protocol = container.Length == 2 && container[1].Length > 0 ? container[1].ToLowerInvariant() : "tcp";
        if (container[0].Length == 0)
        {
            error = $"no port specified: {word}<empty>";
        }
        else if (protocol is not ("tcp" or "udp" or "sctp"))
        {
            error = $"invalid proto: {protocol}";
        }
        else if (!TryRange(container[0], out int first, out int last))
        {
            error = $"invalid containerPort: {container[0]}";
        }
        else
        {
            error = CheckHost(parts, container[0], last - first);
            ports = error is null ? [.. Enumerable.Range(first, last - first + 1).Select(port => $"{port}/{protocol}")] : [];
        }

        return error is null;
    }

    private static string? CheckHost(string[] parts, string container, int width)
    {
        string address = parts.Length > 2 ? string.Join(':', parts[..^2]) : "";
        if (address.Length > 0 && !IsAddress(address))
        {
            return $"invalid IP address: {address}";
        }

        string host = parts.Length > 1 ? parts[^2] : "";
        if (host.Length == 0)
        {
            return null;
        }

        if (!TryRange(host, out int first, out int last))
        {
            return $"invalid hostPort: {host}";
        }

        // Several host ports for one container port are a pool to choose from.
        return width != 0 && last - first != width
            ? $"invalid ranges specified for container and host Ports: {container} and {host}"
            : null;
    }

    private static bool IsAddress(string text)
    {
        bool bracketed = text.StartsWith('[') && text.EndsWith(']');
        string address = bracketed ? text[1..^1] : text;
        return address.Contains(':', StringComparison.Ordinal)
            ? IPAddress.TryParse(address, out IPAddress? six) && six.AddressFamily == AddressFamily.InterNetworkV6
            : !bracketed && address.Count(c => c == '.') == 3 && IPAddress.TryParse(address, out _);
    }

    private static bool TryRange(string text, out int first, out int last)
    {
        string[] ends = text.Split('-');
        last = 0;
        return TryPort(ends[0], out first) && TryPort(ends[^1], out last) && ends.Length <= 2 && first <= last;
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65_535;
}

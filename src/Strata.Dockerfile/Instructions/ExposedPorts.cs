using System.Collections.Immutable;
using System.Globalization;

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
        int slash = word.LastIndexOf('/');
        string protocol = slash < 0 ? "tcp" : word[(slash + 1)..].ToLowerInvariant();
        if (protocol is not ("tcp" or "udp" or "sctp"))
        {
            error = $"invalid proto: {protocol}";
            return false;
        }

        string place = slash < 0 ? word : word[..slash];
        string container = place[(place.LastIndexOf(':') + 1)..];
        string[] ends = container.Split('-', 2);
        if (!TryPort(ends[0], out int first) || !TryPort(ends[^1], out int last) || last < first)
        {
            error = $"invalid containerPort: {container}";
            return false;
        }

        if (!HostPartIsValid(place, container.Length, last - first))
        {
            error = $"invalid port mapping: {word}";
            return false;
        }

        ports = [.. Enumerable.Range(first, last - first + 1).Select(port => string.Create(CultureInfo.InvariantCulture, $"{port}/{protocol}"))];
        error = null;
        return true;
    }

    private static bool HostPartIsValid(string place, int containerLength, int width)
    {
        if (containerLength == place.Length)
        {
            return true;
        }

        string host = place[..^(containerLength + 1)];
        string hostPorts = host[(host.LastIndexOf(':') + 1)..];
        if (hostPorts.Length == 0)
        {
            return host.Contains(':', StringComparison.Ordinal);
        }

        string[] ends = hostPorts.Split('-', 2);
        return TryPort(ends[0], out int first) && TryPort(ends[^1], out int last) && (last - first == width || (width == 0 && last >= first));
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65_535;
}

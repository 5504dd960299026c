using System.Net;

namespace Strata.Host;

/// <summary>How this machine resolves names, for containers to do the same.</summary>
internal sealed record HostNames(ReadOnlyMemory<byte> Resolver, ReadOnlyMemory<byte> Hosts)
{
    public static HostNames Read() => new(ReadOrEmpty("/etc/resolv.conf"), ReadOrEmpty("/etc/hosts"));

    /// <summary><c>--add-host name:address</c>; an IPv6 address may hold colons itself, so the first one parts.</summary>
    public static IReadOnlyList<(string Name, string Address)> ParseExtra(IEnumerable<string> entries) => [.. entries.Select(entry =>
    {
        var colon = entry.IndexOfAny([':', '=']);
        return colon > 0 && IPAddress.TryParse(entry[(colon + 1)..], out var address) && !entry.Any(char.IsWhiteSpace)
            ? (entry[..colon], address.ToString())
            : throw new StrataException($"'{entry}' is no host entry", "--add-host takes name:address, such as db:10.0.0.7");
    })];

    private static byte[] ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }
}

using System.Net;

namespace Strata.Registry;

/// <summary>How a registry is served.</summary>
public sealed record RegistryOptions
{
    /// <summary>Holds <c>registry.db</c> and <c>blobs/</c>; made when it is missing. One server at a time uses it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where to listen; port 0 takes a free one.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>Null: plain HTTP.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Pulls are served, everything that would change something is refused.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>An htpasswd file with bcrypt hashes (<c>htpasswd -B</c>), read again whenever it changes. Null: everybody may do everything.</summary>
    public string? HtpasswdPath { get; init; }

    /// <summary>With an htpasswd file: whether pulls need no password. The catalogue and everything else still do.</summary>
    public bool AnonymousPull { get; init; }

    public RegistryLimits Limits { get; init; } = new();
}

/// <summary>A certificate (with its chain) and its key, both PEM.</summary>
public sealed record TlsFiles(string CertificatePath, string KeyPath);

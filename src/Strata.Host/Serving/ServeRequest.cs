namespace Strata.Host.Serving;

/// <summary>A registry as a person asked for it.</summary>
public sealed record ServeRequest
{
    public required string DataDirectory { get; init; }

    /// <summary><c>address:port</c>, <c>:port</c> for every address, or <c>localhost:port</c>.</summary>
    public required IReadOnlyList<string> Listen { get; init; }

    public string? HtpasswdPath { get; init; }
    public bool AnonymousPull { get; init; }
    public bool ReadOnly { get; init; }
    public string? CertificatePath { get; init; }
    public string? KeyPath { get; init; }
}

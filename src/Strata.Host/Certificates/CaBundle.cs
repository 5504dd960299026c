using Strata.Linux;

namespace Strata.Host.Certificates;

/// <summary>
/// The certificate authorities that this machine trusts, as one file in PEM form. Distributions keep it in different places; a
/// statically linked OpenSSL knows only its builder's.
/// </summary>
internal static class CaBundle
{
    private const string FileVariable = "SSL_CERT_FILE";

    /// <summary>Debian, Ubuntu and Arch; Fedora and RHEL; SUSE; Alpine.</summary>
    private static readonly string[] Places =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];

    /// <summary>Where administrators put authorities of their own.</summary>
    private static readonly string[] OwnFolders =
    [
        "/usr/local/share/ca-certificates",
        "/etc/pki/ca-trust/source/anchors",
        "/etc/pki/trust/anchors",
    ];

    /// <summary>Null where the machine has none.</summary>
    public static string? Find(HostEnvironment environment) =>
        environment.Variable(FileVariable) is { Length: > 0 } chosen && File.Exists(chosen)
            ? chosen
            : Array.Find(Places, File.Exists);

    /// <summary>
    /// Tells OpenSSL, which reads the variable of this process, where the bundle is; the folder it was built with is the builder's.
    /// </summary>
    public static void Announce(HostEnvironment environment)
    {
        if (string.IsNullOrEmpty(environment.Variable(FileVariable)) && Find(environment) is { } bundle)
        {
            ProcessEnvironment.Set(FileVariable, bundle);
        }
    }

    /// <summary>Whether the machine trusts authorities that no image knows: of a company's proxy, say.</summary>
    public static bool HasOwnAuthorities() => Array.Exists(OwnFolders, folder =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any());
}

using Strata.Runtime;

namespace Strata.Host.Certificates;

/// <summary>
/// Lets the programs of a RUN step trust what this machine trusts. Where a company's proxy re-signs all traffic, an image
/// knows nothing of its authority, and every <c>npm install</c> fails or hangs; nobody wants that certificate in the image either.
/// The machine's bundle is shown in the step, and the variables that programs look at name it unless the image
/// sets them itself. Nothing of it reaches the layer, the config or the cache key (docs/adr/0004).
/// </summary>
internal sealed class StepCertificates
{
    private const string Place = "/run/strata/ca-certificates.crt";

    /// <summary>OpenSSL and most others; Node; curl; Python's requests and pip; git; AWS's tools.</summary>
    private static readonly string[] Variables =
        ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE"];

    private readonly string? _bundle;

    private StepCertificates(string? bundle) => _bundle = bundle;

    public static StepCertificates Of(CertificateTrust trust, HostEnvironment environment)
    {
        switch (trust)
        {
            case CertificateTrust.None:
                return new StepCertificates(null);
            case CertificateTrust.Automatic:
                return new StepCertificates(CaBundle.HasOwnAuthorities() ? CaBundle.Find(environment) : null);
            case CertificateTrust.File file:
                var path = Path.GetFullPath(file.Path, environment.WorkingDirectory);
                return File.Exists(path)
                    ? new StepCertificates(path)
                    : throw new StrataException($"there is no certificate bundle at {path}", "--ca-certs takes auto, none, or a file of certificates in PEM form");
            default:
                throw new ArgumentOutOfRangeException(nameof(trust));
        }
    }

    public IEnumerable<ContainerMount> Mounts => _bundle is null ? [] : [new BindMount { Target = Place, Source = _bundle, ReadOnly = true }];

    /// <summary>The step's environment with the variables that it does not set itself.</summary>
    public IReadOnlyList<string> Complete(IReadOnlyList<string> environment) => _bundle is null
        ? environment
        : [.. environment, .. Variables.Where(name => !environment.Any(v => v.StartsWith(name + "=", StringComparison.Ordinal))).Select(name => $"{name}={Place}")];
}

namespace Strata.Host.Certificates;

/// <summary>Which certificate authorities RUN steps trust besides the image's own. A closed family.</summary>
public abstract record CertificateTrust
{
    private CertificateTrust()
    {
    }

    public static CertificateTrust Auto { get; } = new Automatic();

    /// <summary>This machine's, where it has authorities of its own; else only the image's.</summary>
    public sealed record Automatic : CertificateTrust;

    public sealed record None : CertificateTrust;

    /// <summary>Those of a file in PEM form.</summary>
    public sealed record File(string Path) : CertificateTrust;

    /// <summary><c>auto</c>, <c>none</c> or a path.</summary>
    public static CertificateTrust Parse(string text) => text switch
    {
        "auto" => Auto,
        "none" => new None(),
        _ => new File(text),
    };
}

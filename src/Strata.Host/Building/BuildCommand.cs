using Strata.Host.Certificates;
using Strata.Host.Images;
using Strata.Oci;

namespace Strata.Host.Building;

/// <summary>A build as a person asked for it, before files are looked for.</summary>
public sealed record BuildCommand
{
    /// <summary>A folder; <c>-</c> is a Dockerfile on standard input and no folder.</summary>
    public required string Context { get; init; }

    /// <summary>Null: <c>Dockerfile</c> in the context. <c>-</c>: standard input.</summary>
    public string? DockerfilePath { get; init; }

    public IReadOnlyList<Reference> Tags { get; init; } = [];

    /// <summary><c>NAME=value</c>; <c>NAME</c> alone takes the caller's value.</summary>
    public IReadOnlyList<string> BuildArgs { get; init; } = [];

    /// <summary><c>key=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary><c>name=folder</c> or <c>name=docker-image://reference</c>.</summary>
    public IReadOnlyList<string> NamedContexts { get; init; } = [];

    public IReadOnlyList<string> ExtraHosts { get; init; } = [];
    public string? Target { get; init; }
    public Platform Platform { get; init; } = Platform.Local;
    public bool NoCache { get; init; }

    /// <summary>When base images are resolved anew.</summary>
    public PullPolicy Pull { get; init; }
    public bool Reproducible { get; init; }
    public StepNetworkChoice Network { get; init; }
    public CertificateTrust Certificates { get; init; } = CertificateTrust.Auto;
}

/// <summary>The network of RUN steps.</summary>
public enum StepNetworkChoice
{
    /// <summary>The machine's.</summary>
    Host,
    None,
}

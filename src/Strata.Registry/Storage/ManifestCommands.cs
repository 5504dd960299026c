using Strata.Oci;

namespace Strata.Registry.Storage;

/// <summary>Stores a manifest's raw bytes in a repository and moves tags to it, all or nothing.</summary>
public sealed record PutManifest
{
    public required RepositoryName Repository { get; init; }
    public required Digest Digest { get; init; }
    public required string MediaType { get; init; }
    public required ReadOnlyMemory<byte> Content { get; init; }
    public required IReadOnlyList<Tag> Tags { get; init; }

    /// <summary>Blobs that must be in the repository.</summary>
    public IReadOnlyCollection<Digest> Blobs { get; init; } = [];

    /// <summary>Manifests that must be in the repository. A build cache lists blobs in an index: a blob will do as well.</summary>
    public IReadOnlyCollection<Digest> Children { get; init; } = [];

    public Digest? Subject { get; init; }

    /// <summary>As the list of referrers shows it.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>A JSON object, as the list of referrers shows it.</summary>
    public string? Annotations { get; init; }

    public required string By { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>What became of a <see cref="PutManifest"/>.</summary>
public abstract record PutManifestResult
{
    private PutManifestResult()
    {
    }

    public sealed record Stored : PutManifestResult;

    /// <summary>Nothing was stored: the repository lacks all of these.</summary>
    public sealed record Lacking(IReadOnlyList<Digest> Digests) : PutManifestResult;
}

public sealed record DeleteManifest(RepositoryName Repository, Digest Digest, string By, DateTimeOffset At);

/// <summary>What is known of a manifest without its bytes. <paramref name="Id"/> stands for these bytes for ever and is never given again.</summary>
public sealed record ManifestEntry(long Id, Digest Digest, string MediaType, long Size);

/// <summary>A manifest that names another as its subject. <paramref name="Annotations"/> is a JSON object.</summary>
public sealed record Referrer(ManifestEntry Manifest, string? ArtifactType, string? Annotations);

using Strata.Oci;

namespace Strata.Registry.Storage;

/// <summary>
/// An upload session as it was read. <see cref="Version"/> rises with every change: a command made from an older reading is refused, so of
/// two writers that believe they own a session only one can go on.
/// </summary>
public sealed record UploadSession
{
    public required UploadId Id { get; init; }
    public required RepositoryName Repository { get; init; }
    public required BlobPlace Place { get; init; }
    public required DigestAlgorithm Algorithm { get; init; }

    /// <summary>Who began it; nobody else may go on with it.</summary>
    public required string Owner { get; init; }

    /// <summary>Bytes that are acknowledged and durable.</summary>
    public required long Offset { get; init; }

    public required long Version { get; init; }

    /// <summary>The storage's own note of what lies at the place, see <see cref="BlobAppender.SyncAsync"/>.</summary>
    public ReadOnlyMemory<byte> Parts { get; init; }
}

public sealed record BeginUpload
{
    public required UploadId Id { get; init; }
    public required RepositoryName Repository { get; init; }
    public required BlobPlace Place { get; init; }
    public required DigestAlgorithm Algorithm { get; init; }
    public required string Owner { get; init; }

    /// <summary>False for an upload in one request, whose remains nobody will ask for after a restart.</summary>
    public required bool Resumable { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Acknowledges bytes that are durable at the session's place.</summary>
public sealed record AdvanceUpload(UploadSession Session, long Offset, ReadOnlyMemory<byte> Parts, DateTimeOffset ExpiresAt);

/// <summary>Makes a sealed place the blob <paramref name="Digest"/> and shows it in the session's repository; ends the session.</summary>
public sealed record CommitUpload(UploadSession Session, Digest Digest, long Size, DateTimeOffset At);

public enum CommitUploadResult
{
    Committed,

    /// <summary>The bytes were there already and are now linked; the new place is doomed.</summary>
    AlreadyThere,

    /// <summary>The session is gone, or somebody else went on with it.</summary>
    Superseded,
}

/// <summary>Shows a blob of one repository in another.</summary>
public sealed record MountBlob(RepositoryName Repository, RepositoryName From, Digest Digest, string By, DateTimeOffset At);

/// <summary>Where a blob's bytes are, and how many.</summary>
public sealed record BlobLocation(BlobPlace Place, long Size);

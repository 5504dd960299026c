using Strata.Oci;

namespace Strata.Registry.Storage;

/// <summary>
/// The registry's facts. Every command is one transaction of its own, durable when its task ends; what it found is a value of a closed set,
/// never an exception. Lists are paged by the key of the last entry seen, in ordinal order.
/// A blob or manifest is visible only in the repositories it was linked to; knowing its digest gives nobody access.
/// </summary>
public interface IRegistryMetadata : IAsyncDisposable
{
    ValueTask<UploadSession> BeginUploadAsync(BeginUpload command, CancellationToken cancellationToken);

    /// <summary>The session as it is now; null when it is gone or somebody else went on with it.</summary>
    ValueTask<UploadSession?> AdvanceUploadAsync(AdvanceUpload command, CancellationToken cancellationToken);

    ValueTask<CommitUploadResult> CommitUploadAsync(CommitUpload command, CancellationToken cancellationToken);

    /// <summary>Ends a session and dooms its place; false when it is gone or was changed since it was read.</summary>
    ValueTask<bool> CancelUploadAsync(UploadSession session, CancellationToken cancellationToken);

    ValueTask<UploadSession?> FindUploadAsync(UploadId id, CancellationToken cancellationToken);

    /// <summary>Sessions whose time is over, the longest over first.</summary>
    ValueTask<IReadOnlyList<UploadSession>> ExpiredUploadsAsync(DateTimeOffset now, int count, CancellationToken cancellationToken);

    /// <summary>False when the source does not show the blob.</summary>
    ValueTask<bool> MountBlobAsync(MountBlob command, CancellationToken cancellationToken);

    ValueTask<BlobLocation?> FindBlobAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>Hides a blob in a repository; the last link gone, its place is doomed. False when it was not visible there.</summary>
    ValueTask<bool> DeleteBlobAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>Places whose bytes nothing names any more; they are forgotten once they are deleted.</summary>
    ValueTask<IReadOnlyList<BlobPlace>> DoomedPlacesAsync(int count, CancellationToken cancellationToken);

    ValueTask ForgetPlacesAsync(IReadOnlyList<BlobPlace> places, CancellationToken cancellationToken);

    ValueTask<PutManifestResult> PutManifestAsync(PutManifest command, CancellationToken cancellationToken);

    ValueTask<ManifestEntry?> FindManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken);

    ValueTask<ManifestEntry?> FindManifestAsync(RepositoryName repository, Tag tag, CancellationToken cancellationToken);

    /// <summary>The raw bytes of an entry; null when it was deleted meanwhile.</summary>
    ValueTask<byte[]?> ReadManifestAsync(long id, CancellationToken cancellationToken);

    /// <summary>Deletes a manifest and every tag that points to it; false when it was not there.</summary>
    ValueTask<bool> DeleteManifestAsync(DeleteManifest command, CancellationToken cancellationToken);

    ValueTask<MoveTagResult> MoveTagAsync(MoveTag command, CancellationToken cancellationToken);

    ValueTask<bool> DeleteTagAsync(DeleteTag command, CancellationToken cancellationToken);

    /// <summary>Null when the repository is unknown.</summary>
    ValueTask<IReadOnlyList<string>?> ListTagsAsync(RepositoryName repository, string? after, int count, CancellationToken cancellationToken);

    ValueTask<IReadOnlyList<string>> ListRepositoriesAsync(string? after, int count, CancellationToken cancellationToken);

    /// <param name="repository">The repository.</param>
    /// <param name="subject">The manifest referred to, which need not exist.</param>
    /// <param name="artifactType">Null: all.</param>
    /// <param name="after">The <see cref="ManifestEntry.Id"/> of the last one seen, 0 to begin.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<IReadOnlyList<Referrer>> ListReferrersAsync(RepositoryName repository, Digest subject, string? artifactType, long after, int count, CancellationToken cancellationToken);

    /// <summary>The newest change first, those before <paramref name="before"/> only.</summary>
    ValueTask<IReadOnlyList<TagChange>> TagHistoryAsync(RepositoryName repository, Tag tag, long before, int count, CancellationToken cancellationToken);
}

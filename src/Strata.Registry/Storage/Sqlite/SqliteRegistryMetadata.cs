using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Registry.Storage.Sqlite;

/// <summary>
/// The facts in one SQLite file: writes through its group commit, where each command is a savepoint; reads on the caller's thread, being
/// point selects of microseconds.
/// </summary>
internal sealed class SqliteRegistryMetadata : IRegistryMetadata
{
    private readonly SqliteDatabase _database;

    private SqliteRegistryMetadata(SqliteDatabase database) => _database = database;

    /// <summary>The caller must be the only process that serves this file.</summary>
    public static async Task<SqliteRegistryMetadata> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var database = SqliteDatabase.Open(path, RegistrySchema.Schema);
        try
        {
            await database.WriteAsync(UploadRows.DoomUnresumable, cancellationToken);
            return new SqliteRegistryMetadata(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public ValueTask<UploadSession> BeginUploadAsync(BeginUpload command, CancellationToken cancellationToken) =>
        Write(s => UploadRows.Begin(s, command), cancellationToken);

    public ValueTask<UploadSession?> AdvanceUploadAsync(AdvanceUpload command, CancellationToken cancellationToken) =>
        Write(s => UploadRows.Advance(s, command), cancellationToken);

    public ValueTask<CommitUploadResult> CommitUploadAsync(CommitUpload command, CancellationToken cancellationToken) =>
        Write(s => UploadRows.Commit(s, command), cancellationToken);

    public ValueTask<bool> CancelUploadAsync(UploadSession session, CancellationToken cancellationToken) =>
        Write(s => UploadRows.Cancel(s, session), cancellationToken);

    public ValueTask<UploadSession?> FindUploadAsync(UploadId id, CancellationToken cancellationToken) => Read(s => UploadRows.Find(s, id));

    public ValueTask<IReadOnlyList<UploadSession>> ExpiredUploadsAsync(DateTimeOffset now, int count, CancellationToken cancellationToken) =>
        Read(s => UploadRows.Expired(s, now, count));

    public ValueTask<bool> MountBlobAsync(MountBlob command, CancellationToken cancellationToken) =>
        Write(s => BlobRows.Mount(s, command), cancellationToken);

    public ValueTask<BlobLocation?> FindBlobAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        Read(s => BlobRows.Find(s, repository, digest));

    public ValueTask<bool> DeleteBlobAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        Write(s => BlobRows.Unlink(s, repository, digest), cancellationToken);

    public ValueTask<IReadOnlyList<BlobPlace>> DoomedPlacesAsync(int count, CancellationToken cancellationToken) => Read(s => BlobRows.Doomed(s, count));

    public async ValueTask ForgetPlacesAsync(IReadOnlyList<BlobPlace> places, CancellationToken cancellationToken) =>
        await _database.WriteAsync(s => BlobRows.Forget(s, places), cancellationToken);

    public ValueTask<PutManifestResult> PutManifestAsync(PutManifest command, CancellationToken cancellationToken) =>
        Write(s => ManifestRows.Put(s, command), cancellationToken);

    public ValueTask<ManifestEntry?> FindManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        Read(s => ManifestRows.Find(s, repository, digest));

    public ValueTask<ManifestEntry?> FindManifestAsync(RepositoryName repository, Tag tag, CancellationToken cancellationToken) =>
        Read(s => ManifestRows.Find(s, repository, tag));

    public ValueTask<byte[]?> ReadManifestAsync(long id, CancellationToken cancellationToken) => Read(s => ManifestRows.Content(s, id));

    public ValueTask<bool> DeleteManifestAsync(DeleteManifest command, CancellationToken cancellationToken) =>
        Write(s => ManifestRows.Delete(s, command), cancellationToken);

    public ValueTask<MoveTagResult> MoveTagAsync(MoveTag command, CancellationToken cancellationToken) =>
        Write(s => TagRows.Move(s, command), cancellationToken);

    public ValueTask<bool> DeleteTagAsync(DeleteTag command, CancellationToken cancellationToken) =>
        Write(s => TagRows.Delete(s, command), cancellationToken);

    public ValueTask<IReadOnlyList<string>?> ListTagsAsync(RepositoryName repository, string? after, int count, CancellationToken cancellationToken) =>
        Read(s => TagRows.List(s, repository, after ?? "", count));

    public ValueTask<IReadOnlyList<string>> ListRepositoriesAsync(string? after, int count, CancellationToken cancellationToken) =>
        Read(s => RepositoryRows.List(s, after ?? "", count));

    public ValueTask<IReadOnlyList<Referrer>> ListReferrersAsync(RepositoryName repository, Digest subject, string? artifactType, long after, int count, CancellationToken cancellationToken) =>
        Read(s => ManifestRows.Referrers(s, repository, subject, artifactType, after, count));

    public ValueTask<IReadOnlyList<TagChange>> TagHistoryAsync(RepositoryName repository, Tag tag, long before, int count, CancellationToken cancellationToken) =>
        Read(s => TagRows.History(s, repository, tag, before, count));

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask<T> Read<T>(Func<SqliteSession, T> read) => new(_database.Read(read));

    private ValueTask<T> Write<T>(Func<SqliteSession, T> write, CancellationToken cancellationToken) => new(_database.WriteAsync(write, cancellationToken));
}

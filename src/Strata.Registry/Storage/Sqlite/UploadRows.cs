using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Registry.Storage.Sqlite;

/// <summary>The rows of upload sessions and of the blobs they become.</summary>
internal static class UploadRows
{
    private const string Columns = "id, repository, place, algorithm, owner, acknowledged, version, parts";

    public static UploadSession Begin(SqliteSession session, BeginUpload command)
    {
        session.Execute(
            "INSERT INTO uploads(id, repository, place, algorithm, owner, resumable, expires_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            command.Id.ToString(), command.Repository.ToString(), command.Place.ToString(), (long)command.Algorithm, command.Owner, command.Resumable, Millis.Of(command.ExpiresAt));
        return new UploadSession
        {
            Id = command.Id,
            Repository = command.Repository,
            Place = command.Place,
            Algorithm = command.Algorithm,
            Owner = command.Owner,
            Offset = 0,
            Version = 0,
        };
    }

    public static UploadSession? Advance(SqliteSession session, AdvanceUpload command)
    {
        var upload = command.Session;
        var changed = session.Execute(
            "UPDATE uploads SET acknowledged = ?1, parts = ?2, expires_at = ?3, version = version + 1 WHERE id = ?4 AND version = ?5",
            command.Offset, command.Parts, Millis.Of(command.ExpiresAt), upload.Id.ToString(), upload.Version);
        return changed == 0 ? null : upload with { Offset = command.Offset, Parts = command.Parts, Version = upload.Version + 1 };
    }

    public static CommitUploadResult Commit(SqliteSession session, CommitUpload command)
    {
        var upload = command.Session;
        if (!Remove(session, upload))
        {
            return CommitUploadResult.Superseded;
        }
        var digest = command.Digest.ToString();
        var known = session.Number("SELECT id FROM blobs WHERE digest = ?1", digest);
        if (known is null)
        {
            session.Execute(
                "INSERT INTO blobs(digest, place, size, created_at) VALUES(?1, ?2, ?3, ?4)",
                digest, upload.Place.ToString(), command.Size, Millis.Of(command.At));
        }
        else
        {
            BlobRows.Doom(session, upload.Place.ToString());
        }
        BlobRows.Link(session, upload.Repository, known ?? session.LastInsertId, upload.Owner, command.At);
        return known is null ? CommitUploadResult.Committed : CommitUploadResult.AlreadyThere;
    }

    public static bool Cancel(SqliteSession session, UploadSession upload)
    {
        if (!Remove(session, upload))
        {
            return false;
        }
        BlobRows.Doom(session, upload.Place.ToString());
        return true;
    }

    public static UploadSession? Find(SqliteSession session, UploadId id) =>
        session.First($"SELECT {Columns} FROM uploads WHERE id = ?1", Read, id.ToString());

    public static IReadOnlyList<UploadSession> Expired(SqliteSession session, DateTimeOffset now, int count) =>
        session.Query($"SELECT {Columns} FROM uploads WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2", Read, Millis.Of(now), count);

    /// <summary>What was being uploaded in one request when the server ended will not be gone on with.</summary>
    public static bool DoomUnresumable(SqliteSession session)
    {
        session.Execute("INSERT OR IGNORE INTO doomed_places SELECT place FROM uploads WHERE NOT resumable");
        return session.Execute("DELETE FROM uploads WHERE NOT resumable") > 0;
    }

    private static bool Remove(SqliteSession session, UploadSession upload) =>
        session.Execute("DELETE FROM uploads WHERE id = ?1 AND version = ?2", upload.Id.ToString(), upload.Version) > 0;

    private static UploadSession Read(SqliteRow row) => new()
    {
        Id = UploadId.TryParse(row.Text(0), out var id) ? id : throw new FormatException($"'{row.Text(0)}' is no upload id."),
        Repository = RepositoryName.Parse(row.Text(1)),
        Place = BlobPlace.Parse(row.Text(2)),
        Algorithm = (DigestAlgorithm)row.Int(3),
        Owner = row.Text(4),
        Offset = row.Long(5),
        Version = row.Long(6),
        Parts = row.Blob(7),
    };
}

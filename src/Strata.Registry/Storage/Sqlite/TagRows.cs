using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Registry.Storage.Sqlite;

/// <summary>A tag and the manifest it is to point to.</summary>
internal readonly record struct TagTarget(long Repository, Tag Tag, long Manifest, Digest Digest)
{
    /// <summary>Of a rollback: the change that is restored, see <see cref="TagTimeline"/>.</summary>
    public long? Restores { get; init; }
}

/// <summary>The tags, and every change they went through.</summary>
internal static class TagRows
{
    /// <summary>Where the tag pointed before; null when it was not there. Pointing it where it points already is no change.</summary>
    public static Digest? Point(SqliteSession session, TagTarget target, string by, DateTimeOffset at)
    {
        var from = Current(session, target.Repository, target.Tag);
        if (from == target.Digest)
        {
            return from;
        }
        session.Execute(
            """
            INSERT INTO tags(repository_id, name, manifest_id) VALUES(?1, ?2, ?3)
            ON CONFLICT(repository_id, name) DO UPDATE SET manifest_id = excluded.manifest_id
            """,
            target.Repository, target.Tag.ToString(), target.Manifest);
        Note(session, target.Repository, target.Tag, new TagChange(0, from, target.Digest, by, at), target.Restores);
        return from;
    }

    public static bool Remove(SqliteSession session, long repository, Tag tag, string by, DateTimeOffset at)
    {
        if (Current(session, repository, tag) is not { } from)
        {
            return false;
        }
        session.Execute("DELETE FROM tags WHERE repository_id = ?1 AND name = ?2", repository, tag.ToString());
        Note(session, repository, tag, new TagChange(0, from, null, by, at), restores: null);
        return true;
    }

    public static bool Delete(SqliteSession session, DeleteTag command) =>
        RepositoryRows.Find(session, command.Repository) is { } repository && Remove(session, repository, command.Tag, command.By, command.At);

    public static MoveTagResult Move(SqliteSession session, MoveTag command)
    {
        if (RepositoryRows.Find(session, command.Repository) is not { } repository)
        {
            return command.To is { } unknown ? new MoveTagResult.ManifestUnknown(unknown) : new MoveTagResult.NoEarlier();
        }
        if (command.To is { } wanted && ManifestRows.IdOf(session, repository, wanted) is null)
        {
            return new MoveTagResult.ManifestUnknown(wanted);
        }
        var present = Current(session, repository, command.Tag);
        var earlier = TagTimeline.Of(session, repository, command.Tag).Skip(present is null ? 0 : 1).ToList();
        // What was deleted is passed over, unless nothing else is left to tell of.
        var goal = command.To is { } named
            ? earlier.Find(meaning => meaning.Digest == named)
            : earlier.Find(meaning => ManifestRows.IdOf(session, repository, meaning.Digest) is not null) ?? earlier.FirstOrDefault();
        if ((command.To ?? goal?.Digest) is not { } to)
        {
            return new MoveTagResult.NoEarlier();
        }
        if (ManifestRows.IdOf(session, repository, to) is not { } manifest)
        {
            return new MoveTagResult.ManifestUnknown(to);
        }
        var target = new TagTarget(repository, command.Tag, manifest, to) { Restores = goal?.Change };
        return new MoveTagResult.Moved(Point(session, target, command.By, command.At), to);
    }

    public static IReadOnlyList<string>? List(SqliteSession session, RepositoryName name, string after, int count) =>
        RepositoryRows.Find(session, name) is not { } repository
            ? null
            : session.Query(
                "SELECT name FROM tags WHERE repository_id = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
                static row => row.Text(0), repository, after, count);

    public static IReadOnlyList<TagChange> History(SqliteSession session, RepositoryName repository, Tag tag, long before, int count) => session.Query(
        """
        SELECT c.id, c.from_digest, c.to_digest, c.changed_by, c.changed_at FROM tag_changes c JOIN repositories r ON r.id = c.repository_id
        WHERE r.name = ?1 AND c.tag = ?2 AND c.id < ?3 ORDER BY c.id DESC LIMIT ?4
        """,
        static row => new TagChange(row.Long(0), ReadDigest(row, 1), ReadDigest(row, 2), row.Text(3), Millis.Time(row.Long(4))),
        repository.ToString(), tag.ToString(), before, count);

    private static Digest? Current(SqliteSession session, long repository, Tag tag) => session.First(
        "SELECT m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id WHERE t.repository_id = ?1 AND t.name = ?2",
        static row => ReadDigest(row, 0), repository, tag.ToString());

    private static void Note(SqliteSession session, long repository, Tag tag, TagChange change, long? restores) => session.Execute(
        "INSERT INTO tag_changes(repository_id, tag, from_digest, to_digest, changed_by, changed_at, restores) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        repository, tag.ToString(), change.From?.ToString(), change.To?.ToString(), change.By, Millis.Of(change.At), restores);

    private static Digest? ReadDigest(SqliteRow row, int column) => row.TextOrNull(column) is { } text ? Digest.Parse(text) : null;
}

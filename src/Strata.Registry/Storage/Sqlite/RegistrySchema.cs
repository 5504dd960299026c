using Strata.Sqlite;

namespace Strata.Registry.Storage.Sqlite;

/// <summary>
/// The tables of <c>registry.db</c>. Times are milliseconds since 1970. Names and tags compare as bytes, which is the order of the lists.
/// </summary>
internal static class RegistrySchema
{
    private const int ApplicationId = 0x53747267; // "Strg"

    // A manifest's id is never given twice (AUTOINCREMENT), so it may stand for its bytes in a cache.
    private const string First = """
        CREATE TABLE repositories(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL) STRICT;

        CREATE TABLE blobs(
            id INTEGER PRIMARY KEY,
            digest TEXT NOT NULL UNIQUE,
            place TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            created_at INTEGER NOT NULL) STRICT;

        CREATE TABLE blob_links(
            repository_id INTEGER NOT NULL REFERENCES repositories(id),
            blob_id INTEGER NOT NULL REFERENCES blobs(id),
            linked_by TEXT NOT NULL,
            linked_at INTEGER NOT NULL,
            PRIMARY KEY(repository_id, blob_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX blob_links_by_blob ON blob_links(blob_id);

        CREATE TABLE manifests(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            repository_id INTEGER NOT NULL REFERENCES repositories(id),
            digest TEXT NOT NULL,
            media_type TEXT NOT NULL,
            subject TEXT,
            artifact_type TEXT,
            annotations TEXT,
            pushed_by TEXT NOT NULL,
            pushed_at INTEGER NOT NULL,
            content BLOB NOT NULL,
            UNIQUE(repository_id, digest)) STRICT;
        CREATE INDEX manifests_by_subject ON manifests(repository_id, subject, id) WHERE subject IS NOT NULL;

        CREATE TABLE tags(
            repository_id INTEGER NOT NULL REFERENCES repositories(id),
            name TEXT NOT NULL,
            manifest_id INTEGER NOT NULL REFERENCES manifests(id),
            PRIMARY KEY(repository_id, name)) STRICT, WITHOUT ROWID;
        CREATE INDEX tags_by_manifest ON tags(manifest_id);

        CREATE TABLE tag_changes(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            repository_id INTEGER NOT NULL REFERENCES repositories(id),
            tag TEXT NOT NULL,
            from_digest TEXT,
            to_digest TEXT,
            changed_by TEXT NOT NULL,
            changed_at INTEGER NOT NULL) STRICT;
        CREATE INDEX tag_changes_by_tag ON tag_changes(repository_id, tag, id);

        CREATE TABLE uploads(
            id TEXT PRIMARY KEY,
            repository TEXT NOT NULL,
            place TEXT NOT NULL UNIQUE,
            algorithm INTEGER NOT NULL,
            owner TEXT NOT NULL,
            resumable INTEGER NOT NULL,
            acknowledged INTEGER NOT NULL DEFAULT 0,
            version INTEGER NOT NULL DEFAULT 0,
            parts BLOB NOT NULL DEFAULT x'',
            expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE INDEX uploads_by_expiry ON uploads(expires_at);

        CREATE TABLE doomed_places(
            place TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
        """;

    // Of a rollback: the change whose meaning it brought back.
    private const string Restores = "ALTER TABLE tag_changes ADD COLUMN restores INTEGER REFERENCES tag_changes(id)";

    public static SqliteSchema Schema { get; } = new(ApplicationId, "registry", [First, Restores]);
}

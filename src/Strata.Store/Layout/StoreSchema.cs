using Strata.Sqlite;

namespace Strata.Store;

/// <summary>
/// The tables. Digests are their texts; times are milliseconds since 1970 UTC unless they are of files; a row that names bytes is written
/// after the bytes are on the disk and removed before they are.
/// </summary>
internal static class StoreSchema
{
    private const string First = """
        CREATE TABLE blobs(
            digest TEXT PRIMARY KEY,
            size INTEGER NOT NULL,
            added INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        -- A layer is known by its diff id from the moment an image names it; indexed once its tar has been read and found to be that.
        CREATE TABLE layers(
            diff_id TEXT PRIMARY KEY,
            indexed INTEGER NOT NULL,
            tar_size INTEGER,
            self_contained INTEGER,
            added INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        -- The blobs a layer can be read from. The tar itself is the blob whose digest is the diff id. Not proven: somebody says so.
        CREATE TABLE layer_bodies(
            diff_id TEXT NOT NULL REFERENCES layers ON DELETE CASCADE,
            blob TEXT NOT NULL REFERENCES blobs,
            media_type TEXT NOT NULL,
            encoder TEXT,
            proven INTEGER NOT NULL,
            PRIMARY KEY(diff_id, blob)) STRICT, WITHOUT ROWID;
        CREATE INDEX layer_bodies_by_blob ON layer_bodies(blob);

        CREATE TABLE images(
            id TEXT PRIMARY KEY,
            created INTEGER,
            os TEXT,
            architecture TEXT,
            variant TEXT,
            added INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE image_layers(
            image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
            position INTEGER NOT NULL,
            diff_id TEXT NOT NULL REFERENCES layers,
            PRIMARY KEY(image, position)) STRICT, WITHOUT ROWID;
        CREATE INDEX image_layers_by_layer ON image_layers(diff_id);

        -- An index has no image of its own, but children.
        CREATE TABLE manifests(
            digest TEXT PRIMARY KEY,
            media_type TEXT NOT NULL,
            raw BLOB NOT NULL,
            image TEXT REFERENCES images ON DELETE CASCADE,
            origin INTEGER NOT NULL,
            added INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE INDEX manifests_by_image ON manifests(image);
        CREATE TABLE manifest_blobs(
            manifest TEXT NOT NULL REFERENCES manifests ON DELETE CASCADE,
            blob TEXT NOT NULL,
            PRIMARY KEY(manifest, blob)) STRICT, WITHOUT ROWID;
        CREATE INDEX manifest_blobs_by_blob ON manifest_blobs(blob);
        CREATE TABLE manifest_children(
            parent TEXT NOT NULL REFERENCES manifests ON DELETE CASCADE,
            child TEXT NOT NULL,
            PRIMARY KEY(parent, child)) STRICT, WITHOUT ROWID;
        CREATE INDEX manifest_children_by_child ON manifest_children(child);

        -- The name is a reference's canonical text.
        CREATE TABLE names(
            name TEXT PRIMARY KEY,
            image TEXT NOT NULL REFERENCES images,
            manifest TEXT REFERENCES manifests ON DELETE SET NULL,
            changed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE INDEX names_by_image ON names(image);
        CREATE INDEX names_by_manifest ON names(manifest);
        CREATE TABLE name_history(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            at INTEGER NOT NULL,
            who TEXT NOT NULL,
            action INTEGER NOT NULL,
            from_image TEXT, from_manifest TEXT,
            to_image TEXT, to_manifest TEXT) STRICT;
        CREATE INDEX name_history_by_name ON name_history(name, id);

        CREATE TABLE containers(
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            image TEXT NOT NULL REFERENCES images,
            image_name TEXT,
            created INTEGER NOT NULL,
            config BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE INDEX containers_by_image ON containers(image);

        -- A directory made of a layer; key is 'diff:' or 'chain:' and a digest.
        CREATE TABLE snapshots(
            key TEXT NOT NULL,
            flavor INTEGER NOT NULL,
            directory TEXT NOT NULL UNIQUE,
            diff_id TEXT NOT NULL,
            size INTEGER NOT NULL,
            boot TEXT NOT NULL,
            synced INTEGER NOT NULL,
            created INTEGER NOT NULL,
            last_used INTEGER NOT NULL,
            PRIMARY KEY(key, flavor)) STRICT, WITHOUT ROWID;
        CREATE INDEX snapshots_by_layer ON snapshots(diff_id);

        CREATE TABLE build_steps(
            key TEXT PRIMARY KEY,
            description TEXT NOT NULL,
            result BLOB NOT NULL,
            size INTEGER NOT NULL,
            created INTEGER NOT NULL,
            last_used INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE build_step_layers(
            key TEXT NOT NULL REFERENCES build_steps ON DELETE CASCADE,
            diff_id TEXT NOT NULL REFERENCES layers,
            PRIMARY KEY(key, diff_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX build_step_layers_by_layer ON build_step_layers(diff_id);
        CREATE TABLE build_traces(
            place TEXT PRIMARY KEY,
            trace BLOB NOT NULL,
            written INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        -- File times in nanoseconds since 1970.
        CREATE TABLE file_hashes(
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            hash BLOB NOT NULL,
            written INTEGER NOT NULL,
            PRIMARY KEY(device, inode)) STRICT, WITHOUT ROWID;
        """;

    /// <summary>Only adds: programs that know the first alone work on.</summary>
    private const string Second = """
        -- What was only listed or inspected was not used. Null: not since it was added.
        ALTER TABLE images ADD COLUMN last_used INTEGER;

        -- What the manifest is attached to. Found in its bytes, so that whoever writes the row need not know of it.
        ALTER TABLE manifests ADD COLUMN subject TEXT GENERATED ALWAYS AS (
            CASE WHEN json_valid(CAST(raw AS TEXT)) THEN CAST(json_extract(CAST(raw AS TEXT), '$.subject.digest') AS TEXT) END) VIRTUAL;
        CREATE INDEX manifests_by_subject ON manifests(subject) WHERE subject IS NOT NULL;

        -- Where a manifest came from, or was sent to: its content can be fetched there again.
        CREATE TABLE origins(
            manifest TEXT NOT NULL REFERENCES manifests ON DELETE CASCADE,
            repository TEXT NOT NULL,
            seen INTEGER NOT NULL,
            PRIMARY KEY(manifest, repository)) STRICT, WITHOUT ROWID;
        """;

    public static SqliteSchema Schema { get; } = new(0x53747261, "store", [First, Second]) { Needed = 1, WhenFull = StoreException.WhenFull };
}

using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>
/// Names of images. A name is a reference with a tag or a digest; each change is kept, with who made it.
/// </summary>
public sealed class NameStore
{
    private readonly StoreContext _context;

    internal NameStore(StoreContext context) => _context = context;

    /// <summary>What the name stands for; null when there's no such name.</summary>
    public NameTarget? Find(Reference name) => _context.Database.Read(s => Find(s, KeyOf(name)));

    /// <summary>Lets the name stand for an image, whatever it stood for before. False when the image is not in the store.</summary>
    /// <param name="name">Gets <c>latest</c> if it has neither tag nor digest.</param>
    /// <param name="image">The image's id.</param>
    /// <param name="manifest">The manifest or index meant; null leaves it open.</param>
    public bool Move(Reference name, Digest image, Digest? manifest) => _context.Database.Write(session =>
    {
        var target = new NameTarget(image, manifest is { } known && session.Any("SELECT 1 FROM manifests WHERE digest=?1", known.ToString()) ? known : null);
        if (!session.Any("SELECT 1 FROM images WHERE id=?1", image.ToString()))
        {
            return false;
        }
        Move(session, KeyOf(name), target);
        return true;
    });

    /// <summary>Says which manifest a name stands for, where that was open. The name means what it meant, so it is no change of it.</summary>
    public Task KnowManifestAsync(Reference name, Digest manifest) => _context.NoteAsync(session => session.Execute(
        "UPDATE names SET manifest=?2 WHERE name=?1 AND manifest IS NULL AND image=(SELECT image FROM manifests WHERE digest=?2)", KeyOf(name), manifest.ToString()));

    /// <summary>Removes the name alone. False when there's no such name.</summary>
    public bool Remove(Reference name)
    {
        _context.Reserve.Release();
        return _context.Database.Write(session => Remove(session, KeyOf(name)));
    }

    /// <summary>All changes of a name, the latest first.</summary>
    public IReadOnlyList<NameEvent> History(Reference name) => _context.Database.Read(s => History(s, KeyOf(name)));

    /// <summary>The text under which a name is kept: where there's a digest, the tag is only a remark.</summary>
    internal static string KeyOf(Reference name)
    {
        var full = name.WithDefaultTag();
        return full.Digest is not null ? (full with { Tag = null }).ToString() : full.ToString();
    }

    internal static NameTarget? Find(SqliteSession session, string key) => session.First(
        "SELECT image, manifest FROM names WHERE name=?1", static row => TargetOf(row, 0), key);

    internal void Move(SqliteSession session, string key, NameTarget to)
    {
        var from = Find(session, key);
        if (from == to)
        {
            return;
        }
        session.Execute(
            """
            INSERT INTO names(name, image, manifest, changed) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET image=excluded.image, manifest=excluded.manifest, changed=excluded.changed
            """,
            key,
            to.Image.ToString(),
            to.Manifest?.ToString(),
            _context.Now);
        Record(session, key, NameAction.Moved, from, to);
    }

    internal bool Remove(SqliteSession session, string key)
    {
        if (Find(session, key) is not { } from)
        {
            return false;
        }
        session.Execute("DELETE FROM names WHERE name=?1", key);
        Record(session, key, NameAction.Removed, from, null);
        return true;
    }

    private void Record(SqliteSession session, string key, NameAction action, NameTarget? from, NameTarget? to) => session.Execute(
        """
        INSERT INTO name_history(name, at, who, action, from_image, from_manifest, to_image, to_manifest)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """,
        key,
        _context.Now,
        _context.Options.Who,
        (long)action,
        from?.Image.ToString(),
        from?.Manifest?.ToString(),
        to?.Image.ToString(),
        to?.Manifest?.ToString());

    private static List<NameEvent> History(SqliteSession session, string key)
    {
        var name = Reference.Parse(key);
        return session.Query(
            """
            SELECT id, at, who, action, from_image, from_manifest, to_image, to_manifest
            FROM name_history WHERE name=?1 ORDER BY id DESC
            """,
            row => new NameEvent(
                row.Long(0), name, StoreTime.FromRow(row.Long(1)), row.Text(2), (NameAction)row.Int(3), TargetOf(row, 4), TargetOf(row, 6)),
            key);
    }

    private static NameTarget? TargetOf(SqliteRow row, int column) => row.TextOrNull(column) is { } image
        ? new NameTarget(Digest.Parse(image), row.TextOrNull(column + 1) is { } manifest ? Digest.Parse(manifest) : null)
        : null;
}

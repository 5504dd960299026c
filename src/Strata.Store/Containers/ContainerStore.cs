using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>The containers of a store. A row holds its image, and so its layers and snapshots: it is the container's lease.</summary>
public sealed class ContainerStore
{
    private const string Columns = "id, name, image, image_name, state, pid, pid_start, exit_code, created, started, finished, config";
    private const int MostCandidates = 20;
    private readonly StoreContext _context;

    internal ContainerStore(StoreContext context) => _context = context;

    /// <summary>The container's own folder, made if it's not there yet.</summary>
    public string DirectoryOf(string id)
    {
        var path = _context.Folders.Container(id);
        System.IO.Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public AddContainerResult Add(ContainerRecord container) => _context.Database.Write(session =>
    {
        if (session.Any("SELECT 1 FROM containers WHERE name=?1", container.Name))
        {
            return AddContainerResult.NameTaken;
        }
        if (!session.Any("SELECT 1 FROM images WHERE id=?1", container.Image.ToString()))
        {
            return AddContainerResult.NoImage;
        }
        Write(session, container);
        return AddContainerResult.Added;
    });

    /// <summary>Changes a container in one step; null when there's no such container. The id stays.</summary>
    public ContainerRecord? Update(string id, Func<ContainerRecord, ContainerRecord> change) => _context.Database.Write(session =>
    {
        if (Read(session, id) is not { } before)
        {
            return null;
        }
        var after = change(before) with { Id = before.Id };
        Write(session, after);
        return after;
    });

    /// <summary>False when another container has the name, or this one is gone.</summary>
    public bool Rename(string id, string name) => _context.Database.Write(session =>
        !session.Any("SELECT 1 FROM containers WHERE name=?1 AND id<>?2", name, id)
        && session.Execute("UPDATE containers SET name=?2 WHERE id=?1", id, name) > 0);

    /// <summary>Removes the row; the folder is its maker's to remove before.</summary>
    public bool Remove(string id) => _context.Database.Write(session => session.Execute("DELETE FROM containers WHERE id=?1", id) > 0);

    public ContainerRecord? Get(string id) => _context.Database.Read(s => Read(s, id));

    /// <summary>All containers, the latest first.</summary>
    public IReadOnlyList<ContainerRecord> List() =>
        _context.Database.Read(s => s.Query($"SELECT {Columns} FROM containers ORDER BY created DESC, id", RecordOf));

    /// <summary>By whole id, then by name, then by the beginning of an id.</summary>
    public ContainerLookup Find(string text) => _context.Database.ReadTogether<ContainerLookup>(session =>
    {
        if ((Read(session, text) ?? session.First($"SELECT {Columns} FROM containers WHERE name=?1", RecordOf, text)) is { } exact)
        {
            return new ContainerLookup.Found(exact);
        }
        if (text.Length == 0 || !text.All(char.IsAsciiHexDigitLower))
        {
            return new ContainerLookup.NotFound();
        }
        var candidates = session.Query(
            $"SELECT {Columns} FROM containers WHERE id>=?1 AND id<?2 ORDER BY id LIMIT ?3", RecordOf, text, text + "g", MostCandidates);
        return candidates switch
        {
            [] => new ContainerLookup.NotFound(),
            [var only] => new ContainerLookup.Found(only),
            _ => new ContainerLookup.Ambiguous([.. candidates.Select(c => c.Id)]),
        };
    });

    internal static List<ContainerRecord> OfImage(SqliteSession session, Digest image) =>
        session.Query($"SELECT {Columns} FROM containers WHERE image=?1 ORDER BY created", RecordOf, image.ToString());

    private static ContainerRecord? Read(SqliteSession session, string id) =>
        session.First($"SELECT {Columns} FROM containers WHERE id=?1", RecordOf, id);

    private static void Write(SqliteSession session, ContainerRecord container) => session.Execute(
        $"""
        INSERT INTO containers({Columns}) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        ON CONFLICT(id) DO UPDATE SET name=excluded.name, image=excluded.image, image_name=excluded.image_name, state=excluded.state,
            pid=excluded.pid, pid_start=excluded.pid_start, exit_code=excluded.exit_code, created=excluded.created,
            started=excluded.started, finished=excluded.finished, config=excluded.config
        """,
        container.Id,
        container.Name,
        container.Image.ToString(),
        container.ImageName,
        (long)container.State,
        container.ProcessId,
        unchecked((long?)container.ProcessStart),
        container.ExitCode,
        container.Created.ToUnixTimeMilliseconds(),
        container.Started?.ToUnixTimeMilliseconds(),
        container.Finished?.ToUnixTimeMilliseconds(),
        container.Config);

    private static ContainerRecord RecordOf(SqliteRow row) => new()
    {
        Id = row.Text(0),
        Name = row.Text(1),
        Image = Digest.Parse(row.Text(2)),
        ImageName = row.TextOrNull(3),
        State = (ContainerState)row.Int(4),
        ProcessId = (int?)row.LongOrNull(5),
        ProcessStart = unchecked((ulong?)row.LongOrNull(6)),
        ExitCode = (int?)row.LongOrNull(7),
        Created = StoreTime.FromRow(row.Long(8)),
        Started = StoreTime.FromRow(row.LongOrNull(9)),
        Finished = StoreTime.FromRow(row.LongOrNull(10)),
        Config = row.Blob(11),
    };
}

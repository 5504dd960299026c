using Strata.Linux;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>The containers of a store. A row holds its image, and so its layers and snapshots: it is the container's lease.</summary>
public sealed class ContainerStore
{
    private const string Columns = "id, name, image, image_name, created, config";
    private const int MostCandidates = 20;
    private readonly StoreContext _context;

    internal ContainerStore(StoreContext context) => _context = context;

    /// <summary>The container's own folder. It's there from before the row until its maker removes it.</summary>
    public string DirectoryOf(string id) => _context.Folders.Container(id);

    /// <summary>Makes the folder, and then the row.</summary>
    public AddContainerResult Add(ContainerRecord container)
    {
        var folder = DirectoryOf(container.Id);
        var isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var added = false;
        try
        {
            var result = Insert(container);
            added = result == AddContainerResult.Added;
            return result;
        }
        finally
        {
            if (isNew && !added)
            {
                HostFile.RemoveTree(folder);
            }
        }
    }

    /// <summary>False when another container has the name, or this one is gone.</summary>
    public bool Rename(string id, string name) => _context.Database.Write(session =>
        !session.Any("SELECT 1 FROM containers WHERE name=?1 AND id<>?2", name, id)
        && session.Execute("UPDATE containers SET name=?2 WHERE id=?1", id, name) > 0);

    /// <summary>Removes the row; the folder is its maker's to remove before.</summary>
    public bool Remove(string id)
    {
        _context.Reserve.Release();
        return _context.Database.Write(session => session.Execute("DELETE FROM containers WHERE id=?1", id) > 0);
    }

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

    private AddContainerResult Insert(ContainerRecord container) => _context.Database.Write(session =>
    {
        if (session.Any("SELECT 1 FROM containers WHERE name=?1", container.Name))
        {
            return AddContainerResult.NameTaken;
        }
        if (!session.Any("SELECT 1 FROM images WHERE id=?1", container.Image.ToString()))
        {
            return AddContainerResult.NoImage;
        }
        session.Execute(
            $"INSERT INTO containers({Columns}) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            container.Id,
            container.Name,
            container.Image.ToString(),
            container.ImageName,
            container.Created.ToUnixTimeMilliseconds(),
            container.Config);
        return AddContainerResult.Added;
    });

    private static ContainerRecord RecordOf(SqliteRow row) => new()
    {
        Id = row.Text(0),
        Name = row.Text(1),
        Image = Digest.Parse(row.Text(2)),
        ImageName = row.TextOrNull(3),
        Created = StoreTime.FromRow(row.Long(4)),
        Config = row.Blob(5),
    };
}

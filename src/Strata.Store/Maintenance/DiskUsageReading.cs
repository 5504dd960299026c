using Strata.Linux;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>Adds up what the rows say, and what lies in the folders of containers.</summary>
internal static class DiskUsageReading
{
    private const string BytesOfLayer = "(SELECT coalesce(sum(blobs.size), 0) FROM layer_bodies body JOIN blobs ON blobs.digest=body.blob WHERE body.diff_id=layers.diff_id)";

    public static DiskUsage Read(SqliteSession session, StoreFolders folders)
    {
        var images = session.First(
            $"""
            SELECT (SELECT count(*) FROM images),
                (SELECT count(*) FROM images WHERE EXISTS(SELECT 1 FROM containers WHERE image=images.id)),
                (SELECT coalesce(sum({BytesOfLayer}), 0) FROM layers WHERE EXISTS(SELECT 1 FROM image_layers theirs WHERE theirs.diff_id=layers.diff_id)),
                (SELECT coalesce(sum({BytesOfLayer}), 0) FROM layers
                    WHERE EXISTS(SELECT 1 FROM image_layers theirs WHERE theirs.diff_id=layers.diff_id)
                        AND NOT EXISTS(SELECT 1 FROM build_step_layers theirs WHERE theirs.diff_id=layers.diff_id)
                        AND NOT EXISTS(SELECT 1 FROM image_layers theirs JOIN containers ON containers.image=theirs.image WHERE theirs.diff_id=layers.diff_id))
            """,
            RowOf);
        // All in use, as pruning takes none.
        var containers = session.Query("SELECT id FROM containers", static row => row.Text(0)).ToDictionary(id => id, id => SizeOf(folders.Container(id)));
        var containerRow = new UsageRow(containers.Count, containers.Count, containers.Values.Sum(), 0);
        var cache = session.First(
            $"""
            SELECT (SELECT count(*) FROM build_steps),
                (SELECT count(*) FROM build_steps WHERE EXISTS(
                    SELECT 1 FROM build_step_layers mine JOIN image_layers theirs ON theirs.diff_id=mine.diff_id WHERE mine.key=build_steps.key)),
                (SELECT coalesce(sum({BytesOfLayer}), 0) FROM layers WHERE EXISTS(SELECT 1 FROM build_step_layers theirs WHERE theirs.diff_id=layers.diff_id)),
                (SELECT coalesce(sum({BytesOfLayer}), 0) FROM layers
                    WHERE EXISTS(SELECT 1 FROM build_step_layers theirs WHERE theirs.diff_id=layers.diff_id)
                        AND NOT EXISTS(SELECT 1 FROM image_layers theirs WHERE theirs.diff_id=layers.diff_id))
            """,
            RowOf);
        const string usedByContainer = "EXISTS(SELECT 1 FROM image_layers JOIN containers ON containers.image=image_layers.image WHERE image_layers.diff_id=snapshots.diff_id)";
        var snapshots = session.First(
            $"""
            SELECT (SELECT count(*) FROM snapshots), (SELECT count(*) FROM snapshots WHERE {usedByContainer}),
                (SELECT coalesce(sum(size), 0) FROM snapshots), (SELECT coalesce(sum(size), 0) FROM snapshots WHERE NOT {usedByContainer})
            """,
            RowOf);
        return new DiskUsage(images!, containerRow, cache!, snapshots!)
        {
            Blobs = session.Number("SELECT coalesce(sum(size), 0) FROM blobs")!.Value,
            ContainerSizes = containers,
        };
    }

    public static List<ImageUsage> ReadImages(SqliteSession session)
    {
        var bytes = new Dictionary<string, (long Shared, long Unique)>(StringComparer.Ordinal);
        session.Each(
            $"""
            SELECT image, {BytesOfLayer}, EXISTS(SELECT 1 FROM image_layers others WHERE others.diff_id=layers.diff_id AND others.image<>mine.image)
            FROM (SELECT DISTINCT image, diff_id FROM image_layers) mine JOIN layers ON layers.diff_id=mine.diff_id
            """,
            row =>
            {
                var (shared, unique) = bytes.GetValueOrDefault(row.Text(0));
                bytes[row.Text(0)] = row.Bool(2) ? (shared + row.Long(1), unique) : (shared, unique + row.Long(1));
            });
        return [.. ImageListing.Read(session).Select(image =>
        {
            var (shared, unique) = bytes.GetValueOrDefault(image.Id.ToString());
            return new ImageUsage(image, shared, unique);
        })];
    }

    public static List<BuildStepUsage> ReadBuildSteps(SqliteSession session) => session.Query(
        $"""
        SELECT key, description, created, last_used,
            (SELECT coalesce(sum({BytesOfLayer}), 0) FROM build_step_layers mine JOIN layers ON layers.diff_id=mine.diff_id WHERE mine.key=build_steps.key),
            EXISTS(SELECT 1 FROM build_step_layers mine JOIN image_layers theirs ON theirs.diff_id=mine.diff_id WHERE mine.key=build_steps.key)
        FROM build_steps ORDER BY last_used DESC, key
        """,
        static row => new BuildStepUsage(
            Digest.Parse(row.Text(0)), row.Text(1), row.Long(4), StoreTime.FromRow(row.Long(2)), StoreTime.FromRow(row.Long(3)), row.Bool(5)));

    /// <summary>What a container has written, its log and its notes. Mounts in it are not its own.</summary>
    private static long SizeOf(string folder)
    {
        var size = 0L;
        if (HostFile.Status(folder, follow: false) is { Kind: FileKind.Directory, MountId: var mount })
        {
            TreeWalk.Run(
                folder,
                (in TreeEntry entry) =>
                {
                    size += entry.Status.Kind == FileKind.Regular ? entry.Status.Size : 0;
                    return entry.Status.MountId == mount;
                },
                CancellationToken.None);
        }
        return size;
    }

    private static UsageRow RowOf(SqliteRow row) => new(row.Long(0), row.Long(1), row.Long(2), row.Long(3));
}

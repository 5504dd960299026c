using Strata.Linux;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>Adds up what the rows say, and what lies in the folders of containers.</summary>
internal static class DiskUsageReading
{
    private const string BytesOfLayer = "(SELECT coalesce(sum(blobs.size), 0) FROM layer_bodies body JOIN blobs ON blobs.digest=body.blob WHERE body.diff_id=layers.diff_id)";

    /// <summary>Asked once for all rows. Crossed, as SQLite then begins with the few containers.</summary>
    private const string OfContainers = "SELECT diff_id FROM containers CROSS JOIN image_layers ON image_layers.image=containers.image";

    public static DiskUsage Read(SqliteSession session, StoreFolders folders)
    {
        // Each layer once: its bytes, and who has it.
        var layers = session.First(
            $"""
            WITH each AS MATERIALIZED (
                SELECT {BytesOfLayer} AS bytes,
                    EXISTS(SELECT 1 FROM image_layers theirs WHERE theirs.diff_id=layers.diff_id) AS in_image,
                    EXISTS(SELECT 1 FROM build_step_layers theirs WHERE theirs.diff_id=layers.diff_id) AS in_step,
                    diff_id IN ({OfContainers}) AS in_container
                FROM layers)
            SELECT coalesce(sum(iif(in_image, bytes, 0)), 0), coalesce(sum(iif(in_image AND NOT in_step AND NOT in_container, bytes, 0)), 0),
                coalesce(sum(iif(in_step, bytes, 0)), 0), coalesce(sum(iif(in_step AND NOT in_image, bytes, 0)), 0)
            FROM each
            """,
            RowOf)!;
        var images = session.First(
            "SELECT count(*), coalesce(sum(id IN (SELECT image FROM containers)), 0) FROM images WHERE os IS NOT NULL",
            row => new UsageRow(row.Long(0), row.Long(1), layers.Count, layers.Active))!;
        // All in use, as pruning takes none.
        var containers = session.Query("SELECT id FROM containers", static row => row.Text(0)).ToDictionary(id => id, id => SizeOf(folders.Container(id)));
        var containerRow = new UsageRow(containers.Count, containers.Count, containers.Values.Sum(), 0);
        var cache = session.First(
            """
            SELECT (SELECT count(*) FROM build_steps), count(DISTINCT key) FROM build_step_layers mine
            WHERE EXISTS(SELECT 1 FROM image_layers theirs WHERE theirs.diff_id=mine.diff_id)
            """,
            row => new UsageRow(row.Long(0), row.Long(1), layers.Size, layers.Reclaimable))!;
        var snapshots = session.First(
            $"""
            SELECT count(*), coalesce(sum(used), 0), coalesce(sum(size), 0), coalesce(sum(iif(used, 0, size)), 0)
            FROM (SELECT size, diff_id IN ({OfContainers}) AS used FROM snapshots)
            """,
            RowOf)!;
        return new DiskUsage(images, containerRow, cache, snapshots)
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

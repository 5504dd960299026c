using System.Security.Cryptography;
using Strata.Linux;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>The row of a snapshot.</summary>
/// <param name="Id">The name of its folder.</param>
/// <param name="Boot">Which boot of the machine made it.</param>
/// <param name="Synced">Whether it's certainly on the disk; else it's worth nothing after another boot.</param>
internal sealed record SnapshotRecord(string Id, string Boot, bool Synced, long Created, long LastUsed)
{
    public string LeaseName => "snapshot:" + Id;

    /// <summary>A layer that says by itself what its directory looks like is shared by all stacks.</summary>
    public static string KeyOf(Digest diffId, Digest chainId, bool selfContained) => selfContained ? "diff:" + diffId : "chain:" + chainId;

    public static SnapshotRecord? Find(SqliteSession session, Digest diffId, Digest chainId, OverlayFlavor flavor) => session.First(
        "SELECT directory, boot, synced, created, last_used FROM snapshots WHERE key IN (?1, ?2) AND flavor=?3",
        static row => new SnapshotRecord(row.Text(0), row.Text(1), row.Bool(2), row.Long(3), row.Long(4)),
        KeyOf(diffId, chainId, selfContained: true),
        KeyOf(diffId, chainId, selfContained: false),
        (long)flavor);

    public static List<SnapshotRecord> OfLayer(SqliteSession session, Digest diffId) => session.Query(
        "SELECT directory, boot, synced, created, last_used FROM snapshots WHERE diff_id=?1",
        static row => new SnapshotRecord(row.Text(0), row.Text(1), row.Bool(2), row.Long(3), row.Long(4)),
        diffId.ToString());

    public static string NewId() => RandomNumberGenerator.GetHexString(16, lowercase: true);
}

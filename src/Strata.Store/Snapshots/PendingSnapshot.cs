using System.Globalization;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>A snapshot being made; disposed before it's published it is removed.</summary>
internal sealed class PendingSnapshot : IDisposable
{
    private readonly StoreContext _context;
    private string _folder;
    private bool _published;

    public PendingSnapshot(StoreContext context, bool makeTree)
    {
        _context = context;
        _folder = NewFolder(context.Folders);
        Tree = Path.Combine(_folder, "fs");
        if (makeTree)
        {
            Directory.CreateDirectory(Tree);
        }
    }

    public string Tree { get; }

    public static string NewFolder(StoreFolders folders)
    {
        var path = Path.Combine(folders.Snapshots, string.Create(CultureInfo.InvariantCulture, $"{PrivateName.Prefix}{Environment.ProcessId}-{SnapshotRecord.NewId()}"));
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Renames it to where it belongs. It's not synced: a snapshot can be made again.</summary>
    public async Task<SnapshotRecord> PublishAsync(LayerIndex index, Digest chainId, string boot, CancellationToken cancellationToken)
    {
        var record = new SnapshotRecord(SnapshotRecord.NewId(), boot, Synced: false, _context.Now, _context.Now);
        using var shared = await _context.Collection.SharedAsync(cancellationToken);
        var target = _context.Folders.Snapshot(record.Id);
        Directory.Move(_folder, target);
        _folder = target;
        // Not to be cancelled: once it is queued, only its end says whether there is a row.
        await _context.Database.WriteAsync(
            session => session.Execute(
                "INSERT INTO snapshots(key, flavor, directory, diff_id, size, boot, synced, created, last_used) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?7)",
                SnapshotRecord.KeyOf(index.DiffId, chainId, index.SelfContained),
                (long)_context.Options.Flavor,
                record.Id,
                index.DiffId.ToString(),
                index.TarSize,
                boot,
                record.Created),
            CancellationToken.None);
        _published = true;
        _context.Leases.Use(record.LeaseName);
        return record;
    }

    public void Dispose()
    {
        if (!_published)
        {
            HostFile.RemoveTree(_folder);
        }
    }
}

using Strata.Content.Compression;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// This machine's, or this user's, images, layers, names, containers and build cache below one folder, shared by any number of processes.
/// Opening is cheap: the database is opened by its first use. Everything that is leased through one open store stays until that is disposed.
/// </summary>
public sealed class LocalStore : IDisposable
{
    private readonly StoreContext _context;

    private LocalStore(StoreContext context)
    {
        _context = context;
        Blobs = new BlobStore(context);
        Layers = new LayerStore(context, Blobs);
        Snapshots = new SnapshotStore(context, Layers);
        Names = new NameStore(context);
        Images = new ImageStore(context, Blobs, Layers);
        Manifests = new ManifestStore(context, Blobs, Layers, Names);
        BuildCache = new BuildCacheStore(context);
        Containers = new ContainerStore(context);
        Maintenance = new StoreMaintenance(context, Names, Blobs, Layers);
    }

    public string Root => _context.Folders.Root;
    public BlobStore Blobs { get; }
    public LayerStore Layers { get; }
    public SnapshotStore Snapshots { get; }
    public ImageStore Images { get; }
    public NameStore Names { get; }
    public ManifestStore Manifests { get; }
    public BuildCacheStore BuildCache { get; }
    public ContainerStore Containers { get; }
    public StoreMaintenance Maintenance { get; }

    /// <summary>Whether a folder is a store, of whatever version.</summary>
    public static bool IsAt(string folder) => File.Exists(new StoreFolders(folder).FormatFile);

    /// <summary>Opens the store, making its folders if there are none and the options say so.</summary>
    /// <exception cref="StoreException">
    /// It can't be made or read, or a newer strata made it, or its folder is another's, or it lies where no store can.
    /// </exception>
    public static LocalStore Open(StoreOptions options)
    {
        var folders = new StoreFolders(options.Root);
        var isThere = StoreFormat.Prepare(folders, options.Make, Durable.SyncDirectory);
        return new LocalStore(StoreContext.Open(folders, options, isThere));
    }

    /// <summary>The store as a medium to copy from and to, under the names of one repository.</summary>
    /// <param name="repository">Its tag and digest don't matter.</param>
    /// <param name="encoder">What compresses layers that were built here.</param>
    public StoreMedium Medium(Reference repository, LayerEncoder encoder) => new(this, repository, encoder);

    public void Dispose()
    {
        try
        {
            if (_context.Leases.IsOpen)
            {
                Strays.CollectIfNoted(_context);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The note stays for the next. Whoever closes the store may do so because something failed, and is to hear of that.
        }
        finally
        {
            try
            {
                _context.Database.Dispose();
            }
            finally
            {
                _context.Leases.Dispose();
            }
            if (_context.IsThere)
            {
                _context.Reserve.Fill();
            }
        }
    }
}

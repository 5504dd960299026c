using System.Text;
using Strata.Content.Compression;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Store.Tests;

/// <summary>A store of its own for each test, and short ways to fill it.</summary>
public abstract class StoreTest : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<LocalStore> _opened = [];
    private readonly List<StoreContext> _contexts = [];
    private LocalStore? _store;

    internal ManualClock Clock { get; } = new();

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected string Root => _folder.File("store");

    protected LocalStore Store => _store ??= OpenAnother();

    private StoreOptions Options => new() { Root = Root, Clock = Clock, Who = "ann", Privileged = Privileges.IsRoot, Flavor = OverlayFlavor.Trusted };

    /// <summary>As another process would.</summary>
    protected LocalStore OpenAnother()
    {
        var store = LocalStore.Open(Options);
        _opened.Add(store);
        return store;
    }

    /// <summary>What the parts of another store work with, to stop between their steps.</summary>
    internal StoreContext OpenContext()
    {
        var folders = new StoreFolders(Root);
        StoreFormat.Prepare(folders, make: true, Durable.SyncDirectory);
        var context = StoreContext.Open(folders, Options, isThere: true);
        _contexts.Add(context);
        return context;
    }

    /// <summary>Ends this process's leases.</summary>
    protected void Reopen()
    {
        Store.Dispose();
        _store = null;
    }

    protected static Reference Name(string text) => Reference.Parse(text).WithDefaultTag();

    protected static LayerEntry File(string path, long size) => new() { Path = ImagePath.Parse(path), Kind = EntryKind.Regular, Mode = 0x1A4, Size = size, Modified = new FileTime(1000, 0) };

    protected static LayerEntry Folder(string path) => new() { Path = ImagePath.Parse(path), Kind = EntryKind.Directory, Mode = 0x1ED, Modified = new FileTime(1000, 0) };

    internal static LayerIndex WriteTar(Stream tar, params (string Path, string Content)[] files) => Write(tar, files);

    internal static ImageConfig ConfigOf(string mark, params Digest[] diffIds) => Config(mark, diffIds);

    /// <summary>Files by path, in byte order; a path that ends in a slash is a directory, one that begins with '-' a whiteout.</summary>
    protected static LayerIndex Write(Stream tar, params (string Path, string Content)[] files)
    {
        using var builder = new LayerBuilder(tar, null);
        foreach (var (path, content) in files)
        {
            if (path[0] == '-')
            {
                builder.AddWhiteout(ImagePath.Parse(path[1..]));
            }
            else if (path[^1] == '/')
            {
                builder.AddDirectory(Folder(path));
            }
            else
            {
                var bytes = Encoding.UTF8.GetBytes(content);
                builder.AddFile(File(path, bytes.Length), new MemoryStream(bytes));
            }
        }
        return builder.Complete();
    }

    protected static async Task<Digest> AddLayer(LocalStore store, params (string Path, string Content)[] files)
    {
        await using var pending = store.Layers.Begin();
        var index = Write(pending.Tar, files);
        await pending.CommitAsync(index, Stop);
        return index.DiffId;
    }

    protected static (Digest DiffId, byte[] Blob) Compressed(params (string Path, string Content)[] files)
    {
        using var tar = new MemoryStream();
        var index = Write(tar, files);
        using var blob = new MemoryStream();
        using var gzip = LayerEncoder.Default.Open(blob);
        gzip.Write(tar.ToArray());
        gzip.Complete();
        return (index.DiffId, blob.ToArray());
    }

    protected static Descriptor Describe(byte[] bytes, string mediaType = MediaTypes.OciLayerGzip) =>
        new() { MediaType = mediaType, Digest = Digest.Of(bytes), Size = bytes.Length };

    protected static ImageConfig Config(string mark, params Digest[] diffIds) => new()
    {
        Architecture = Platform.Local.Architecture,
        Os = "linux",
        Created = "2026-01-02T03:04:05Z",
        Author = mark,
        RootFs = new RootFs { DiffIds = diffIds },
    };

    /// <summary>An image as a build leaves it.</summary>
    protected static async Task<Digest> AddImage(LocalStore store, string mark, string? name = null)
    {
        var layer = await AddLayer(store, ("file", mark));
        var id = await store.Images.AddAsync(Config(mark, layer).ToBytes(), Stop);
        if (name is not null)
        {
            Assert.True(store.Names.Move(Name(name), id, null));
        }
        return id;
    }

    protected static async Task<string> ReadAll(Stream? stream)
    {
        Assert.NotNull(stream);
        await using (stream)
        {
            using var buffer = new MemoryStream();
            await stream.CopyToAsync(buffer, Stop);
            return Encoding.UTF8.GetString(buffer.ToArray());
        }
    }

    protected string[] FilesIn(string folder) => Directory.Exists(Path.Combine(Root, folder))
        ? [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })]
        : [];

    public virtual void Dispose()
    {
        _opened.ForEach(store => store.Dispose());
        _contexts.ForEach(context =>
        {
            context.Database.Dispose();
            context.Leases.Dispose();
        });
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

using System.Text;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>
/// An image layout as a directory (image-spec image-layout.md). Every file is written privately, made durable and renamed, so
/// that a reader sees whole files only; several processes may write one layout at once.
/// </summary>
public sealed class OciLayout : IImageReader, IImageWriter, IReferrerReader
{
    private const int MaxMarkerSize = 64 * 1024;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _path;
    private readonly DurableFolders _folders = new(Durable.SyncDirectory);

    private OciLayout(string path) => _path = path;

    /// <summary>Opens the layout in <paramref name="path"/>, or makes an empty one there.</summary>
    public static OciLayout Create(string path)
    {
        new DurableFolders(Durable.SyncDirectory).Make(System.IO.Path.Combine(path, LayoutPaths.Folder(DigestAlgorithm.Sha256)));
        var marker = System.IO.Path.Combine(path, LayoutPaths.Marker);
        if (!File.Exists(marker))
        {
            MakeFile(System.IO.Path.Combine(path, LayoutPaths.Index), ImageIndex.Create([]).Raw.Span);
            MakeFile(marker, LayoutPaths.MarkerContent);
        }
        return Open(path);
    }

    /// <summary>Whether <paramref name="path"/>, a folder, is empty or holds no more than what <see cref="Create"/> begins with: somebody may be at it.</summary>
    public static bool IsUnfinished(string path) => Directory.EnumerateFileSystemEntries(path).Select(System.IO.Path.GetFileName).All(name =>
        name is LayoutPaths.Blobs or LayoutPaths.Index || name!.StartsWith(PrivateName.Prefix, StringComparison.Ordinal));

    /// <exception cref="InvalidImageException">The folder holds no layout, or one of a version that is not known.</exception>
    public static OciLayout Open(string path)
    {
        var marker = new FileInfo(System.IO.Path.Combine(path, LayoutPaths.Marker));
        if (!marker.Exists || marker.Length > MaxMarkerSize)
        {
            throw new InvalidImageException($"{path} is no image layout: it has no file '{LayoutPaths.Marker}'.");
        }
        var version = LayoutMarker.VersionOf(ReadMarker(path, marker.Length));
        return version == LayoutPaths.Version
            ? new OciLayout(path)
            : throw new InvalidImageException($"{path} is an image layout of version '{version}'; only {LayoutPaths.Version} is known.");
    }

    /// <summary>What index.json lists, in its order; an entry's name is in its annotations.</summary>
    public async ValueTask<IReadOnlyList<Descriptor>> ListAsync(CancellationToken cancellationToken) =>
        (await ReadIndexAsync(cancellationToken)).Manifests;

    public async ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        var entries = await ListAsync(cancellationToken);
        var entry = key.Tag is { } tag ? LayoutNames.Find(entries, tag) : entries.FirstOrDefault(e => e.Digest == key.Digest);
        if ((entry?.Digest ?? key.Digest) is not { } digest || OpenFile(digest) is not { } file)
        {
            return null;
        }
        await using (file)
        {
            var raw = await BoundedStream.ReadAllAsync(file, Manifest.MaxSize, $"The manifest {digest}", cancellationToken);
            if ((entry?.MediaType ?? ManifestBytes.MediaTypeOf(raw)) is not { } mediaType)
            {
                return null;
            }
            return new StoredManifest(raw, mediaType).Under(digest)
                ?? throw new InvalidImageException($"The layout {_path} is damaged: its file for the manifest {digest} holds {ContentHasher.DigestOf(raw, digest.Algorithm)}.");
        }
    }

    public ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Stream?>(OpenFile(blob.Digest) is { } file ? new VerifyingStream(file, blob.Digest, blob.Size) : null);

    // A file of another size was damaged or cut by somebody else's tool; it counts as absent, so that a copy repairs it.
    public ValueTask<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new FileInfo(PathOf(blob.Digest)) is { Exists: true } file && file.Length == blob.Size);

    public async ValueTask PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        var target = PathOf(blob.Digest);
        var folder = System.IO.Path.GetDirectoryName(target)!;
        _folders.Make(folder);
        using var pending = PendingFile.Create(folder);
        var file = pending.OpenStream();
        await using (file)
        {
            await VerifyingStream.Over(content, blob).CopyToAsync(file, CopyBufferSize, cancellationToken);
        }
        File.SetUnixFileMode(pending.Handle, FileMode);
        pending.Publish(target, replace: true);
    }

    public async ValueTask PutManifestAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken)
    {
        var update = Begin(null);
        await update.PutManifestAsync(manifest, tag, cancellationToken);
        await update.CommitAsync(cancellationToken);
    }

    /// <summary>Images that appear in the layout together, at the end; their blobs come before.</summary>
    /// <param name="repository">Whose tags they get; null leaves them mere tags.</param>
    /// <param name="written">What the image is called, exactly; null calls it by its tag, as docker does.</param>
    public LayoutUpdate Begin(Reference? repository, string? written = null) => new(this, repository, written);

    /// <summary>
    /// The listed image that a person means by <paramref name="text"/>: what is called just so, else by that whole name, else the only one with
    /// that tag; null when there is none.
    /// </summary>
    public async ValueTask<Descriptor?> FindAsync(string text, CancellationToken cancellationToken) =>
        LayoutNames.Find(await ListAsync(cancellationToken), text);

    /// <summary>Of what index.json lists: a layout has no other list.</summary>
    public async ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken)
    {
        var referrers = new List<Descriptor>();
        foreach (var entry in await ListAsync(cancellationToken))
        {
            if (await GetManifestAsync(ManifestKey.ByDigest(entry.Digest), cancellationToken) is { } stored && ManifestBytes.SubjectOf(stored) == subject)
            {
                referrers.Add(stored.Descriptor);
            }
        }
        return referrers;
    }

    /// <summary>Moves another layout's blobs here. They are durable files already; only their names have to become so.</summary>
    internal void TakeBlobsOf(OciLayout other)
    {
        foreach (var source in Directory.EnumerateDirectories(System.IO.Path.Combine(other._path, LayoutPaths.Blobs)))
        {
            var folder = System.IO.Path.Combine(_path, LayoutPaths.Blobs, System.IO.Path.GetFileName(source));
            _folders.Make(folder);
            foreach (var blob in Directory.EnumerateFiles(source))
            {
                File.Move(blob, System.IO.Path.Combine(folder, System.IO.Path.GetFileName(blob)), overwrite: true);
            }
            Durable.SyncDirectory(folder);
        }
    }

    internal async Task ChangeIndexAsync(Func<IReadOnlyList<Descriptor>, IReadOnlyList<Descriptor>> change, CancellationToken cancellationToken)
    {
        // index.json is replaced whole, so the lock is on a file that stays.
        using var alone = await FileLock.AcquireAsync(System.IO.Path.Combine(_path, LayoutPaths.Marker), exclusive: true, cancellationToken);
        var index = await ReadIndexAsync(cancellationToken);
        Durable.WriteFile(System.IO.Path.Combine(_path, LayoutPaths.Index), ImageIndex.Create(change(index.Manifests), index.Annotations).Raw.Span);
    }

    private const int CopyBufferSize = 256 * 1024;

    // Another process may have made it meanwhile, and list an image or hold the lock in it.
    private static void MakeFile(string path, ReadOnlySpan<byte> content)
    {
        using var pending = PendingFile.Create(System.IO.Path.GetDirectoryName(path)!);
        pending.Write(content, 0);
        File.SetUnixFileMode(pending.Handle, FileMode | UnixFileMode.UserWrite);
        pending.Publish(path, replace: false);
    }

    private async ValueTask<ImageIndex> ReadIndexAsync(CancellationToken cancellationToken)
    {
        var path = System.IO.Path.Combine(_path, LayoutPaths.Index);
        if (!File.Exists(path))
        {
            throw new InvalidImageException($"The layout {_path} has no {LayoutPaths.Index}.");
        }
        await using var file = OpenRead(path);
        var raw = await BoundedStream.ReadAllAsync(file, Manifest.MaxSize, path, cancellationToken);
        return ImageIndex.TryParse(raw, MediaTypes.OciIndex, out var index, out var problem)
            ? index
            : throw new InvalidImageException($"{path} cannot be read: {problem}.");
    }

    // Not by the framework, which locks what it reads: it would be refused while another process holds the lock in this file.
    private static byte[] ReadMarker(string layout, long size)
    {
        using var folder = RootedDirectory.Open(layout);
        using var file = folder.OpenRead(Encoding.UTF8.GetBytes(LayoutPaths.Marker), followLast: true);
        var content = new byte[size];
        return content[..RandomAccess.Read(file, content, 0)];
    }

    private FileStream? OpenFile(Digest digest)
    {
        try
        {
            return OpenRead(PathOf(digest));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static FileStream OpenRead(string path) =>
        new(path, System.IO.FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    private string PathOf(Digest digest) => System.IO.Path.Combine(_path, LayoutPaths.Of(digest));
}

using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>All that belongs to one manifest or index: its manifests, each after those it lists, and every blob once.</summary>
internal sealed class ImageTree
{
    // Real indexes are flat, or one list in another; thousands of platforms do not exist.
    public const int MaxDepth = 8;
    private const int MaxManifests = 1000;
    private const int MaxBlobs = 100_000;

    private readonly IImageReader _source;
    private readonly List<StoredManifest> _manifests = [];
    private readonly Dictionary<Digest, Descriptor> _blobs = [];
    private readonly HashSet<Digest> _open = [];
    private readonly HashSet<Digest> _done = [];

    private readonly bool _sparse;

    private ImageTree(IImageReader source, bool sparse) => (_source, _sparse) = (source, sparse);

    /// <summary>Children first, the root last.</summary>
    public IReadOnlyList<StoredManifest> Manifests => _manifests;

    public IReadOnlyCollection<Descriptor> Blobs => _blobs.Values;

    public static async ValueTask<ImageTree> ReadAsync(IImageReader source, StoredManifest root, bool sparse, CancellationToken cancellationToken)
    {
        var tree = new ImageTree(source, sparse);
        await tree.AddAsync(root, depth: 0, cancellationToken);
        return tree;
    }

    /// <summary>The manifest that <paramref name="child"/> of an index names.</summary>
    public static async ValueTask<StoredManifest> ReadChildAsync(IImageReader source, Descriptor child, CancellationToken cancellationToken) =>
        await FindChildAsync(source, child, cancellationToken) ?? throw new InvalidImageException($"The index lists the manifest {child.Digest}, which is not there.");

    public static InvalidImageException TooDeep() => new($"The index nests more than {MaxDepth} lists.");

    private static async ValueTask<StoredManifest?> FindChildAsync(IImageReader source, Descriptor child, CancellationToken cancellationToken)
    {
        if (child.Size is < 0 or > Manifest.MaxSize)
        {
            throw new InvalidImageException($"The index lists {child.Digest} with {child.Size:N0} bytes; a manifest has {Manifest.MaxSize:N0} at most.");
        }
        if (await source.GetManifestAsync(ManifestKey.ByDigest(child.Digest), cancellationToken) is not { } stored)
        {
            return null;
        }
        stored = stored.Under(child.Digest) ?? throw new InvalidImageException(
            $"The index lists the manifest {child.Digest}; what was delivered for it is {ContentHasher.DigestOf(stored.Raw.Span, child.Digest.Algorithm)}.");
        return stored.Raw.Length == child.Size
            ? stored
            : throw new InvalidImageException($"The index gives the manifest {child.Digest} {child.Size:N0} bytes; it has {stored.Raw.Length:N0}.");
    }

    private async ValueTask AddAsync(StoredManifest stored, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth)
        {
            throw TooDeep();
        }
        if (!_open.Add(stored.Digest))
        {
            throw new InvalidImageException($"The index {stored.Digest} lists itself.");
        }
        if (!_done.Contains(stored.Digest))
        {
            if (MediaTypes.IsIndex(stored.MediaType))
            {
                await AddChildrenAsync(stored, depth, cancellationToken);
            }
            else if (MediaTypes.IsManifest(stored.MediaType))
            {
                AddBlobs(stored);
            }
            if (_manifests.Count == MaxManifests)
            {
                throw new InvalidImageException($"The index lists more than {MaxManifests:N0} manifests.");
            }
            _manifests.Add(stored);
            _done.Add(stored.Digest);
        }
        _open.Remove(stored.Digest);
    }

    private async ValueTask AddChildrenAsync(StoredManifest stored, int depth, CancellationToken cancellationToken)
    {
        if (!ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out var problem))
        {
            throw new InvalidImageException($"The index {stored.Digest} cannot be read: {problem}.");
        }
        foreach (var child in index.Manifests)
        {
            if (_done.Contains(child.Digest))
            {
                continue;
            }
            if (_sparse && await FindChildAsync(_source, child, cancellationToken) is null)
            {
                continue;
            }
            var next = await ReadChildAsync(_source, child, cancellationToken);
            await AddAsync(next, depth + 1, cancellationToken);
        }
        if (_sparse && depth == 0 && _manifests.Count == 0)
        {
            throw new InvalidImageException($"Nothing of what the index {stored.Digest} lists is there.");
        }
    }

    private void AddBlobs(StoredManifest stored)
    {
        if (!Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out var problem))
        {
            throw new InvalidImageException($"The manifest {stored.Digest} cannot be read: {problem}.");
        }
        foreach (var blob in manifest.Layers.Prepend(manifest.Config))
        {
            if (!_blobs.TryAdd(blob.Digest, blob) && _blobs[blob.Digest].Size != blob.Size)
            {
                throw new InvalidImageException($"The blob {blob.Digest} is listed with two sizes, {_blobs[blob.Digest].Size:N0} and {blob.Size:N0}.");
            }
        }
        if (_blobs.Count > MaxBlobs)
        {
            throw new InvalidImageException($"The image has more than {MaxBlobs:N0} blobs.");
        }
    }
}

using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>Manifests and indexes, byte for byte as they came or were made.</summary>
public sealed class ManifestStore
{
    private const int LayersAtOnce = 2;
    private readonly StoreContext _context;
    private readonly BlobStore _blobs;
    private readonly LayerStore _layers;
    private readonly NameStore _names;

    internal ManifestStore(StoreContext context, BlobStore blobs, LayerStore layers, NameStore names) =>
        (_context, _blobs, _layers, _names) = (context, blobs, layers, names);

    /// <summary>To look at: bytes that were damaged are given all the same. What is handed on is read by <see cref="Read"/>.</summary>
    public StoredManifest? Find(Digest digest) => _context.Database.Read(s => ImageRows.FindManifest(s, digest));

    /// <summary>To be handed on: a push, an archive, a copy.</summary>
    /// <exception cref="StoreException">Its bytes are no longer those of its digest.</exception>
    public StoredManifest? Read(Digest digest) => Find(digest) is { } stored ? Checked(stored, digest) : null;

    /// <summary>What is attached to a manifest, as far as it is here.</summary>
    public IReadOnlyList<Descriptor> ReferrersOf(Digest subject) => _context.Database.Read(s => s.Query(
        "SELECT media_type, digest, length(raw) FROM manifests WHERE subject=?1 ORDER BY digest",
        static row => new Descriptor { MediaType = row.Text(0), Digest = Digest.Parse(row.Text(1)), Size = row.Long(2) },
        subject.ToString()));

    /// <summary>Notes that a repository has a manifest and all it names, so that what is lost of it can be fetched there.</summary>
    public Task NoteOriginAsync(Digest manifest, Reference repository) =>
        _context.NoteAsync(session => ContentOrigins.Note(session, manifest, repository, _context.Now));

    /// <summary>
    /// Takes a manifest whose blobs are here, or an index of which at least one manifest is, with the image it makes, and lets
    /// <paramref name="name"/> stand for it in the same moment.
    /// </summary>
    /// <exception cref="InvalidImageException">It's broken or incomplete.</exception>
    public async Task PutAsync(StoredManifest manifest, Reference? name, CancellationToken cancellationToken)
    {
        _context.Leases.Begin();
        if (MediaTypes.IsIndex(manifest.MediaType))
        {
            await PutIndexAsync(manifest, name, null, cancellationToken);
        }
        else
        {
            await PutImageAsync(manifest, name, ManifestOrigin.Received, cancellationToken);
        }
    }

    /// <summary>As an index is put; of what it lists, the name stands for <paramref name="image"/>.</summary>
    /// <exception cref="InvalidImageException">It's broken, or the image is not in the store.</exception>
    public Task PutIndexAsync(StoredManifest index, Reference? name, Digest image, CancellationToken cancellationToken)
    {
        _context.Leases.Begin();
        return PutIndexAsync(index, name, (Digest?)image, cancellationToken);
    }

    /// <summary>What an index lists and the store does not have, below it too; empty for what is no index.</summary>
    public IReadOnlyList<Descriptor> AbsentOf(Digest index) => _context.Database.ReadTogether(session =>
    {
        var absent = new List<Descriptor>();
        if (ImageRows.FindManifest(session, index) is { } stored)
        {
            AddAbsent(session, stored, absent, [index]);
        }
        return absent;
    });

    /// <summary>
    /// The manifest that an image has where no name says which, as long as its blobs are here: the one that was made here; else the latest
    /// that came, unless the image has a name without a manifest, so was there before. That one's does not depend on what comes under others.
    /// </summary>
    /// <exception cref="StoreException">Its bytes are no longer those of its digest.</exception>
    public StoredManifest? FindOf(Digest image) => _context.Database.Read(session => session.Text(
        """
        SELECT digest FROM manifests
        WHERE image=?1 AND (origin=?2 OR NOT EXISTS(SELECT 1 FROM names WHERE names.image=?1 AND names.manifest IS NULL)) AND NOT EXISTS(
            SELECT 1 FROM manifest_blobs WHERE manifest=manifests.digest AND NOT EXISTS(SELECT 1 FROM blobs WHERE blobs.digest=manifest_blobs.blob))
        ORDER BY origin=?2 DESC, added DESC, digest LIMIT 1
        """,
        image.ToString(),
        (long)ManifestOrigin.Made)) is { } digest ? Read(Digest.Parse(digest)) : null;

    /// <summary>
    /// A manifest of an image, for a push or an archive: that of <see cref="FindOf"/>, else a new one, for which layers are compressed. Null
    /// when the image is not in the store.
    /// </summary>
    public async Task<StoredManifest?> PackAsync(Digest image, LayerEncoder encoder, CancellationToken cancellationToken)
    {
        if (FindOf(image) is { } known)
        {
            return known;
        }
        if (!_context.Database.Read(s => s.Any("SELECT 1 FROM images WHERE id=?1", image.ToString())) || _blobs.ReadConfig(image) is not { } config)
        {
            return null;
        }
        if (!ImageConfig.TryParse(config, out var parsed, out var problem))
        {
            throw new InvalidImageException($"The image {image} can't be read: {problem}.");
        }
        var descriptors = new Descriptor[parsed.RootFs.DiffIds.Count];
        await Parallel.ForAsync(
            0,
            descriptors.Length,
            new ParallelOptions { MaxDegreeOfParallelism = LayersAtOnce, CancellationToken = cancellationToken },
            async (i, cancellationToken) =>
            {
                var blob = await _layers.CompressAsync(parsed.RootFs.DiffIds[i], encoder, anyEncoder: true, cancellationToken);
                // An OCI manifest lists OCI types, whatever list the blob came with.
                descriptors[i] = blob with { MediaType = MediaTypes.OciLayer(MediaTypes.LayerCompressionOf(blob.MediaType) ?? LayerCompression.Gzip) };
            });
        var made = Manifest.Create(new Descriptor { MediaType = MediaTypes.OciConfig, Digest = image, Size = config.Length }, descriptors);
        var stored = new StoredManifest(made.Raw, made.MediaType);
        await PutImageAsync(stored, null, ManifestOrigin.Made, cancellationToken);
        return stored;
    }

    private async Task PutImageAsync(StoredManifest stored, Reference? name, ManifestOrigin origin, CancellationToken cancellationToken)
    {
        if (!Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out var problem))
        {
            throw new InvalidImageException($"The manifest {stored.Digest} is refused: {problem}.");
        }
        if (name is not null && !MediaTypes.IsImageConfig(manifest.Config.MediaType))
        {
            var type = string.IsNullOrEmpty(manifest.ArtifactType) ? manifest.Config.MediaType : manifest.ArtifactType;
            throw new InvalidImageException($"The manifest {stored.Digest} is of an artifact ({type}); the store keeps container images.");
        }
        foreach (var blob in manifest.Layers.Append(manifest.Config))
        {
            // Layers that may not be handed on are left where their URLs say.
            if (!await _blobs.LeaseAsync(blob.Digest, cancellationToken) && blob.Urls is not { Count: > 0 })
            {
                throw new InvalidImageException($"The manifest {stored.Digest} names the blob {blob.Digest}, which is not in the store.");
            }
        }
        var config = ReadConfig(manifest);
        var image = manifest.Config.Digest;
        using var shared = await _context.Collection.SharedAsync(cancellationToken);
        await _context.Database.WriteAsync(
            session =>
            {
                ImageRows.InsertImage(session, image, config, _context.Now);
                ImageRows.InsertManifest(session, stored, image, origin, _context.Now);
                ImageRows.InsertManifestBlob(session, stored.Digest, image);
                for (var i = 0; i < manifest.Layers.Count; i++)
                {
                    var blob = manifest.Layers[i];
                    if (BlobStore.SizeOf(session, blob.Digest) is null)
                    {
                        continue;
                    }
                    ImageRows.InsertManifestBlob(session, stored.Digest, blob.Digest);
                    if (config is not null)
                    {
                        var diffId = config.RootFs.DiffIds[i];
                        LayerBody.Insert(session, diffId, blob, encoder: null, proven: blob.Digest == diffId);
                    }
                }
                Point(session, name, new NameTarget(image, stored.Digest));
                return true;
            },
            cancellationToken);
        _context.Leases.Use(ImageStore.LeaseName(image), LeaseName(stored.Digest));
    }

    private StoredManifest Checked(StoredManifest stored, Digest digest) => stored.Under(digest) ?? throw new StoreException(
        $"The manifest {digest} is damaged in the store {_context.Folders.Root}. Run 'strata system verify --repair', then try again.");

    // A list may name another many times, and that one the next: each is read once.
    private static void AddAbsent(SqliteSession session, StoredManifest stored, List<Descriptor> absent, HashSet<Digest> seen)
    {
        if (!MediaTypes.IsIndex(stored.MediaType) || !ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out _))
        {
            return;
        }
        foreach (var child in index.Manifests.Where(child => seen.Add(child.Digest)))
        {
            if (ImageRows.FindManifest(session, child.Digest) is { } listed)
            {
                AddAbsent(session, listed, absent, seen);
            }
            else
            {
                absent.Add(child);
            }
        }
    }

    private async Task PutIndexAsync(StoredManifest stored, Reference? name, Digest? meant, CancellationToken cancellationToken)
    {
        if (!ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out var problem))
        {
            throw new InvalidImageException($"The index {stored.Digest} is refused: {problem}.");
        }
        using var shared = await _context.Collection.SharedAsync(cancellationToken);
        await _context.Database.WriteAsync(
            session =>
            {
                var image = meant is not { } wanted ? ImageRows.ImageOfIndex(session, index)
                    : session.Any("SELECT 1 FROM images WHERE id=?1", wanted.ToString()) ? wanted : null;
                if (image is null && (name is not null || index.Subject is null))
                {
                    throw new InvalidImageException($"The index {stored.Digest} lists no image that is in the store.");
                }
                ImageRows.InsertManifest(session, stored, null, ManifestOrigin.Received, _context.Now);
                foreach (var child in index.Manifests)
                {
                    ImageRows.InsertManifestChild(session, stored.Digest, child.Digest);
                }
                if (image is { } id)
                {
                    Point(session, name, new NameTarget(id, stored.Digest));
                }
                return true;
            },
            cancellationToken);
        _context.Leases.Use(LeaseName(stored.Digest));
    }

    private static string LeaseName(Digest digest) => "manifest:" + digest;

    private void Point(SqliteSession session, Reference? name, NameTarget target)
    {
        if (name is not null)
        {
            _names.Move(session, NameStore.KeyOf(name), target);
        }
    }

    /// <summary>Null for an artifact, which an index may list beside its images: its config is not an image's, and its layers are no layers of a file system.</summary>
    private ImageConfig? ReadConfig(Manifest manifest)
    {
        if (!MediaTypes.IsImageConfig(manifest.Config.MediaType))
        {
            return null;
        }
        if (!ImageConfig.TryParse(_blobs.ReadConfig(manifest.Config.Digest), out var config, out var problem))
        {
            throw new InvalidImageException($"The image {manifest.Config.Digest} is refused: {problem}.");
        }
        if (config.RootFs.DiffIds.Count != manifest.Layers.Count)
        {
            throw new InvalidImageException(
                $"The image {manifest.Config.Digest} is refused: its config has {config.RootFs.DiffIds.Count} layers, its manifest {manifest.Layers.Count}.");
        }
        return config;
    }
}

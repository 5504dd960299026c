using Strata.Content.Media;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>Images by id, which is the digest of their config.</summary>
public sealed class ImageStore
{
    private const int MostCandidates = 20;
    private const long TouchEvery = 3_600_000;
    private readonly StoreContext _context;
    private readonly BlobStore _blobs;
    private readonly LayerStore _layers;

    internal ImageStore(StoreContext context, BlobStore blobs, LayerStore layers) => (_context, _blobs, _layers) = (context, blobs, layers);

    /// <summary>Adds an image whose layers are in the store, and gives its id. It has no name yet; it stays as long as this store is open.</summary>
    /// <exception cref="InvalidImageException">The config can't be read, or is too large.</exception>
    /// <exception cref="StoreException">A layer is not in the store.</exception>
    public async Task<Digest> AddAsync(ReadOnlyMemory<byte> config, CancellationToken cancellationToken)
    {
        if (!ImageConfig.TryParse(config.Span, out var parsed, out var problem))
        {
            throw new InvalidImageException($"The new image's config can't be read: {problem}.");
        }
        if (config.Length > ImageConfig.MaxSize)
        {
            throw new InvalidImageException($"The new image's config would have {config.Length:N0} bytes; {ImageConfig.MaxSize:N0} are the most. Give it fewer or shorter labels and variables.");
        }
        foreach (var diffId in parsed.RootFs.DiffIds)
        {
            if (!await _layers.LeaseAsync(diffId, cancellationToken))
            {
                throw _layers.Missing(diffId);
            }
        }
        var id = await _blobs.PutAsync(config, cancellationToken);
        using var shared = await _context.Collection.SharedAsync(cancellationToken);
        if (!_context.Database.Read(s => s.Any("SELECT 1 FROM images WHERE id=?1", id.ToString())))
        {
            await _context.Database.WriteAsync(
                session =>
                {
                    ImageRows.InsertImage(session, id, parsed, _context.Now);
                    return true;
                },
                cancellationToken);
        }
        else
        {
            await TouchAsync(id);
        }
        _context.Leases.Use(LeaseName(id));
        return id;
    }

    /// <summary>Null when the image is not in the store, or is an artifact that came with one.</summary>
    public StoredImage? Get(Digest id)
    {
        var manifests = _context.Database.Read(s => s.Any("SELECT 1 FROM images WHERE id=?1 AND os IS NOT NULL", id.ToString())
            ? s.Query("SELECT digest FROM manifests WHERE image=?1 ORDER BY added DESC, digest", static row => Digest.Parse(row.Text(0)), id.ToString())
            : null);
        if (manifests is null || _blobs.ReadConfig(id) is not { } bytes)
        {
            return null;
        }
        return ImageConfig.TryParse(bytes, out var config, out var problem)
            ? new StoredImage(id, bytes, config, manifests)
            : throw new InvalidImageException($"The config of {id} can't be read as an image's: {problem}.");
    }

    /// <summary>The image is used now, and stays, named or not, as long as this store is open. False when it's not here.</summary>
    public async ValueTask<bool> LeaseAsync(Digest id, CancellationToken cancellationToken)
    {
        if (!await _context.LeaseAsync(LeaseName(id), s => s.Any("SELECT 1 FROM images WHERE id=?1", id.ToString()), cancellationToken))
        {
            return false;
        }
        await TouchAsync(id);
        return true;
    }

    /// <summary>Notes that it was used. That is worth a write now and then, and no failure.</summary>
    private async ValueTask TouchAsync(Digest id)
    {
        const string used = "coalesce(last_used, added)<?2";
        var (now, before) = (_context.Now, _context.Now - TouchEvery);
        if (_context.Database.Read(s => s.Any($"SELECT 1 FROM images WHERE id=?1 AND {used}", id.ToString(), before)))
        {
            await _context.NoteAsync(s => s.Execute($"UPDATE images SET last_used=?3 WHERE id=?1 AND {used}", id.ToString(), before, now));
        }
    }

    /// <summary>All images, the latest first, without artifacts that came with them.</summary>
    public IReadOnlyList<ImageSummary> List() => _context.Database.ReadTogether(ImageListing.Read);

    /// <summary>Those that are asked for, the latest first.</summary>
    public IReadOnlyList<ImageSummary> List(ImageQuery query) => [.. List().Select(image => query.Select(image, id => Get(id)?.Config)).OfType<ImageSummary>()];

    /// <summary>Finds what a person means: a name first, then an id or its beginning (with or without <c>sha256:</c>), or a manifest's digest.</summary>
    public ImageLookup Find(string text) => _context.Database.ReadTogether(session => Find(session, text));

    internal static ImageLookup Find(SqliteSession session, string text)
    {
        if (Reference.TryParse(text, out var reference) && FindNamed(session, reference) is { } named)
        {
            return named;
        }
        if (Digest.TryParse(text, out var whole) && whole.Algorithm != DigestAlgorithm.Sha256)
        {
            return session.Any("SELECT 1 FROM images WHERE id=?1 AND os IS NOT NULL", text)
                ? new ImageLookup.Found(whole, null, null)
                : FindByManifest(session, whole, null) ?? (ImageLookup)new ImageLookup.NotFound();
        }
        const string algorithm = "sha256:";
        var hex = text.StartsWith(algorithm, StringComparison.Ordinal) ? text[algorithm.Length..] : text;
        if (hex.Length is 0 or > 64 || !hex.All(char.IsAsciiHexDigitLower))
        {
            return new ImageLookup.NotFound();
        }
        var candidates = session.Query(
            "SELECT id FROM images WHERE id>=?1 AND id<?2 AND os IS NOT NULL ORDER BY id LIMIT ?3",
            static row => Digest.Parse(row.Text(0)),
            algorithm + hex,
            algorithm + hex + "g",
            MostCandidates);
        return candidates switch
        {
            [var only] => new ImageLookup.Found(only, null, null),
            [] => Digest.TryParse(algorithm + hex, out var digest) && FindByManifest(session, digest, null) is { } found ? found : new ImageLookup.NotFound(),
            _ => new ImageLookup.Ambiguous(candidates),
        };
    }

    internal static string LeaseName(Digest id) => "image:" + id;

    private static ImageLookup.Found? FindNamed(SqliteSession session, Reference reference)
    {
        if (NameStore.Find(session, NameStore.KeyOf(reference)) is { } target)
        {
            return new ImageLookup.Found(target.Image, target.Manifest, reference.WithDefaultTag());
        }
        return reference.Digest is { } digest ? FindByManifest(session, digest, reference) : null;
    }

    private static ImageLookup.Found? FindByManifest(SqliteSession session, Digest digest, Reference? name)
    {
        if (ImageRows.FindManifest(session, digest) is not { } manifest)
        {
            return null;
        }
        var image = MediaTypes.IsIndex(manifest.MediaType)
            ? ImageIndex.TryParse(manifest.Raw, manifest.MediaType, out var index, out _) ? ImageRows.ImageOfIndex(session, index) : null
            : ImageRows.ImageOfManifest(session, digest);
        return image is { } id ? new ImageLookup.Found(id, digest, name) : null;
    }
}

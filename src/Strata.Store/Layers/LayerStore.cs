using Microsoft.Win32.SafeHandles;
using Strata.Content.Compression;
using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// Layers by diff id: an index and at least one blob to read the tar from. A layer that came compressed has its index made, and its diff id
/// checked, when it is first used. Everything asked for here is leased: it stays as long as this store is open.
/// </summary>
public sealed class LayerStore
{
    private const int IndexesInMemory = 256;
    private const int CopySize = 1 << 20;
    private readonly StoreContext _context;
    private readonly BlobStore _blobs;
    private readonly IndexCache _indexes = new(IndexesInMemory);

    internal LayerStore(StoreContext context, BlobStore blobs) => (_context, _blobs) = (context, blobs);

    /// <summary>Whether the layer can be read here; then it's leased.</summary>
    public ValueTask<bool> LeaseAsync(Digest diffId, CancellationToken cancellationToken) =>
        _context.LeaseAsync(LeaseName(diffId), s => s.Any("SELECT 1 FROM layer_bodies WHERE diff_id=?1", diffId.ToString()), cancellationToken);

    /// <summary>In bytes, as far as it is known without reading the layer: its tar's, else of what it came as. Null: the layer is not here.</summary>
    public long? KnownSize(Digest diffId) => _context.Database.Read(s => s.Number(
        """
        SELECT coalesce(layers.tar_size, (SELECT min(blobs.size) FROM layer_bodies body JOIN blobs ON blobs.digest=body.blob WHERE body.diff_id=layers.diff_id))
        FROM layers WHERE diff_id=?1
        """,
        diffId.ToString()));

    public PendingLayer Begin() => new(this, _blobs.Begin(DigestAlgorithm.Sha256));

    /// <summary>
    /// Says that a blob which is here unpacks to <paramref name="diffId"/>. That is believed until the layer is used, and then checked.
    /// </summary>
    public async Task AddCompressedAsync(Digest diffId, Descriptor blob, CancellationToken cancellationToken)
    {
        _context.Leases.Begin();
        using var shared = await _context.Collection.SharedAsync(cancellationToken);
        await _context.Database.WriteAsync(
            session =>
            {
                LayerRecord.InsertNamed(session, diffId, _context.Now);
                LayerBody.Insert(session, diffId, blob, encoder: null, proven: blob.Digest == diffId);
                return true;
            },
            cancellationToken);
        _context.Leases.Use(LeaseName(diffId), blob.Digest.ToString());
    }

    /// <summary>The index; made now, from a body, where there's none yet.</summary>
    /// <exception cref="LayerMismatchException">The layer is not what an image's config said.</exception>
    /// <exception cref="InvalidLayerException">It's no sound layer.</exception>
    /// <exception cref="StoreException">The layer is not in the store.</exception>
    public async ValueTask<LayerIndex> OpenIndexAsync(Digest diffId, CancellationToken cancellationToken)
    {
        if (await TryLoadIndexAsync(diffId, cancellationToken) is { } known)
        {
            return known;
        }
        await using var only = await _context.Locks.AcquireAsync("index", diffId.ToString(), cancellationToken);
        return await TryLoadIndexAsync(diffId, cancellationToken)
            ?? await MakeIndexAsync(diffId, cancellationToken);
    }

    /// <summary>The uncompressed tar, verified by diff id while it's read; null when the layer's not here.</summary>
    public async ValueTask<Stream?> OpenTarAsync(Digest diffId, CancellationToken cancellationToken)
    {
        if (!await LeaseAsync(diffId, cancellationToken))
        {
            return null;
        }
        // The index gives the size that the stream is verified against; a body that lies is found out here.
        var index = await OpenIndexAsync(diffId, cancellationToken);
        return await FromAnyBodyAsync(
            diffId,
            body => Task.FromResult(body.IsTarOf(diffId) ? OpenBlob(body) : new VerifyingStream(OpenBody(body), diffId, index.TarSize)),
            cancellationToken);
    }

    /// <summary>
    /// A compressed blob of the layer: one it came with or that was made before, else one made now. A layer is compressed at most once
    /// per encoder, whoever asks.
    /// </summary>
    /// <param name="diffId">The layer.</param>
    /// <param name="encoder">What compresses it where that must be done.</param>
    /// <param name="anyEncoder">
    /// Whether a compressed blob of another origin will do, so that what came from a registry goes back as it came. Not where the tar itself is
    /// kept: what was made here goes out the same, whatever archive brings another form of it.
    /// </param>
    /// <param name="cancellationToken">Ends the work; nothing is left of it.</param>
    public async Task<Descriptor> CompressAsync(Digest diffId, LayerEncoder encoder, bool anyEncoder, CancellationToken cancellationToken)
    {
        if (await FindCompressedAsync(diffId, encoder, anyEncoder, cancellationToken) is { } known)
        {
            return known;
        }
        await using var only = await _context.Locks.AcquireAsync("compress", $"{diffId} {encoder}", cancellationToken);
        if (await FindCompressedAsync(diffId, encoder, anyEncoder, cancellationToken) is { } made)
        {
            return made;
        }
        var tar = await OpenTarAsync(diffId, cancellationToken) ?? throw Missing(diffId);
        await using (tar)
        {
            return await Task.Run(() => CompressAsync(diffId, tar, encoder, cancellationToken), cancellationToken);
        }
    }

    /// <summary>
    /// Gives the content of regular files. <paramref name="positions"/> are positions in the layer's index; <paramref name="receive"/> is called
    /// once for each, in the order in which they lie in the tar, and need not read to the end.
    /// </summary>
    public async ValueTask ReadFilesAsync(Digest diffId, IReadOnlyList<int> positions, Action<int, Stream> receive, CancellationToken cancellationToken)
    {
        var index = await OpenIndexAsync(diffId, cancellationToken);
        var given = 0;
        await FromAnyBodyAsync(
            diffId,
            body => Task.Run(
                () =>
                {
                    ReadFiles(body);
                    return true;
                },
                cancellationToken),
            cancellationToken);

        void ReadFiles(LayerBody body)
        {
            try
            {
                if (body.IsTarOf(diffId))
                {
                    using var tar = _blobs.OpenHandle(diffId);
                    LayerFiles.ReadAt(tar, index, positions, Receive, cancellationToken);
                }
                else
                {
                    LayerFiles.ReadThrough(() => OpenBody(body), index, positions, Receive, cancellationToken);
                }
            }
            catch (IOException e) when (given > 0 && IsOfOneBody(e))
            {
                // What was given once is not given again from another body.
                throw new StoreException($"The layer {diffId} is damaged in the store {_context.Folders.Root}. Run 'strata system verify --repair', then try again.", e);
            }
        }

        void Receive(int position, Stream content)
        {
            given++;
            receive(position, content);
        }
    }

    internal static string LeaseName(Digest diffId) => "layer:" + diffId;

    internal StoreException Missing(Digest diffId) =>
        new($"The layer {diffId} is not in the store {_context.Folders.Root}. Pull or build the image again.");

    internal List<LayerBody> Bodies(Digest diffId) => _context.Database.Read(s => LayerBody.Of(s, diffId));

    /// <summary>
    /// Reads the layer from the first of its bodies that can be read; when none can, from its tar, made again of the recipe and a snapshot.
    /// Any form will do.
    /// </summary>
    internal async Task<T> FromAnyBodyAsync<T>(Digest diffId, Func<LayerBody, Task<T>> read, CancellationToken cancellationToken)
    {
        IOException? first = null;
        foreach (var body in Bodies(diffId))
        {
            try
            {
                return await read(body);
            }
            catch (IOException e) when (IsOfOneBody(e))
            {
                first ??= e;
            }
        }
        return await new LayerRebuilding(_context, _blobs).RunAsync(diffId, cancellationToken) && Bodies(diffId).Find(body => body.IsTarOf(diffId)) is { } made
            ? await read(made)
            : throw first ?? Missing(diffId);
    }

    /// <summary>A body is lost, damaged or another layer; of others that says nothing.</summary>
    private static bool IsOfOneBody(IOException e) =>
        e is StoreException { IsMissing: true } or LayerMismatchException or InvalidLayerException or ContentMismatchException;

    /// <summary>The tar of a body; the blob is verified on the way, the tar is not.</summary>
    internal Stream OpenBody(LayerBody body) => LayerDecompression.Open(OpenBlob(body));

    private Stream OpenBlob(LayerBody body) =>
        _blobs.Open(body.Blob) ?? throw new StoreException($"The blob {body.Blob} has just been removed from the store.") { IsMissing = true };

    /// <summary>The file of the uncompressed tar, which must be a body of the layer. Nothing that is read from it is verified.</summary>
    internal SafeFileHandle OpenTarFile(Digest diffId) => _blobs.OpenHandle(diffId);

    /// <summary>The index where it exists. Also null where its file is missing or damaged, as it can be made again.</summary>
    internal async ValueTask<LayerIndex?> TryLoadIndexAsync(Digest diffId, CancellationToken cancellationToken)
    {
        if (!await LeaseAsync(diffId, cancellationToken))
        {
            throw Missing(diffId);
        }
        if (_indexes.Find(diffId) is { } cached)
        {
            return cached;
        }
        if (_context.Database.Read(s => LayerRecord.Of(s, diffId)) is not { Indexed: true })
        {
            return null;
        }
        try
        {
            var index = LayerIndex.Open(_context.Folders.Index(diffId));
            if (index.DiffId == diffId)
            {
                _indexes.Add(index);
                return index;
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // Nothing is lost with an index.
        }
        return null;
    }

    /// <summary>Reads bodies until one is the layer. Takes no lock, so that anybody may do it who waits for nobody.</summary>
    internal Task<LayerIndex> MakeIndexAsync(Digest diffId, CancellationToken cancellationToken) => FromAnyBodyAsync(
        diffId,
        async body =>
        {
            var index = await Task.Run(
                () =>
                {
                    using var tar = OpenBody(body);
                    return LayerIndexer.Index(tar, IndexLimits.Default, cancellationToken);
                },
                cancellationToken);
            await AcceptIndexAsync(diffId, body, index, cancellationToken);
            return index;
        },
        cancellationToken);

    /// <summary>Keeps an index that was made from a body; refuses, and forgets, a body that is another layer.</summary>
    internal async Task AcceptIndexAsync(Digest diffId, LayerBody body, LayerIndex index, CancellationToken cancellationToken)
    {
        if (index.DiffId != diffId)
        {
            await _context.Database.WriteAsync(
                s => s.Execute("DELETE FROM layer_bodies WHERE diff_id=?1 AND blob=?2 AND proven=0", diffId.ToString(), body.Blob.ToString()),
                cancellationToken);
            throw new LayerMismatchException(diffId, index.DiffId, body.Blob);
        }
        using (var pending = PrepareIndex(index))
        {
            pending.Publish(_context.Folders.Index(diffId), replace: true);
        }
        await _context.Database.WriteAsync(
            session =>
            {
                LayerRecord.InsertIndexed(session, index, _context.Now);
                LayerBody.Insert(session, diffId, body.Descriptor, body.Encoder, proven: true);
                return true;
            },
            cancellationToken);
        _indexes.Add(index);
    }

    internal async Task CommitAsync(BlobUpload upload, LayerIndex index, CancellationToken cancellationToken)
    {
        using var pending = PrepareIndex(index);
        await upload.PublishAsync(
            index.DiffId,
            // Under the lock too: a prune in between would take the new index with the old row of the same layer.
            () => pending.Publish(_context.Folders.Index(index.DiffId), replace: true),
            session =>
            {
                LayerRecord.InsertIndexed(session, index, _context.Now);
                var tar = new Descriptor { MediaType = MediaTypes.OciLayerTar, Digest = index.DiffId, Size = index.TarSize };
                LayerBody.Insert(session, index.DiffId, tar, encoder: null, proven: true);
            },
            [LeaseName(index.DiffId)],
            cancellationToken);
        _indexes.Add(index);
    }

    /// <summary>The index's file, written and on the disk, but not yet under its name.</summary>
    private PendingFile PrepareIndex(LayerIndex index)
    {
        var pending = PendingFile.Create(_context.Folders.Layers);
        try
        {
            using (var stream = new BufferedStream(pending.OpenStream(), CopySize))
            {
                index.Write(stream);
            }
            pending.Sync();
            return pending;
        }
        catch (Exception e)
        {
            pending.Dispose();
            throw e is IOException full && StoreException.IsFull(full) ? StoreException.Full(_context.Folders.Root, full) : e;
        }
    }

    private async ValueTask<Descriptor?> FindCompressedAsync(Digest diffId, LayerEncoder encoder, bool anyEncoder, CancellationToken cancellationToken)
    {
        if (!await LeaseAsync(diffId, cancellationToken))
        {
            throw Missing(diffId);
        }
        var bodies = Bodies(diffId);
        var fitting = bodies.Find(body => !body.IsTarOf(diffId) && body.Encoder == encoder.ToString())
            ?? (anyEncoder && !bodies.Exists(body => body.IsTarOf(diffId)) ? bodies.Find(body => body.Encoder is null) : null);
        return fitting?.Descriptor;
    }

    /// <summary>What was written has this digest; it is not committed.</summary>
    internal static async Task<Digest> CompressAsync(Stream tar, LayerEncoder encoder, BlobUpload upload, CancellationToken cancellationToken)
    {
        var target = new UploadStream(upload, hashed: true);
        await using (target)
        {
            var compressor = encoder.Open(target);
            await using (compressor)
            {
                await tar.CopyToAsync(compressor, CopySize, cancellationToken);
                await compressor.CompleteAsync(cancellationToken);
            }
        }
        return upload.DigestSoFar();
    }

    private async Task<Descriptor> CompressAsync(Digest diffId, Stream tar, LayerEncoder encoder, CancellationToken cancellationToken)
    {
        using var upload = _blobs.Begin(DigestAlgorithm.Sha256);
        await CompressAsync(tar, encoder, upload, cancellationToken);
        return await upload.CommitCompressedAsync(diffId, encoder, cancellationToken);
    }
}

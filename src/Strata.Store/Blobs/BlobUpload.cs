using Strata.Content.Compression;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>A blob on its way in; disposed before it's committed it leaves nothing. Used by one thread at a time.</summary>
public sealed class BlobUpload : IDisposable
{
    // The disk begins with a long blob while the rest of it comes.
    private const long SyncPortion = 8 << 20;

    private readonly StoreContext _context;
    private readonly PendingFile _pending;
    private readonly ContentHasher _hasher;
    private long _begun;

    internal BlobUpload(StoreContext context, DigestAlgorithm algorithm)
    {
        _context = context;
        _hasher = new ContentHasher(algorithm);
        _pending = PendingFile.Create(context.Folders.Blobs);
    }

    /// <summary>The bytes so far.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        AppendUnhashed(bytes);
        _hasher.Append(bytes);
    }

    /// <summary>Makes the blob present, durably, and gives its digest.</summary>
    public async Task<Digest> CommitAsync(CancellationToken cancellationToken)
    {
        var digest = _hasher.Current();
        await PublishAsync(digest, null, null, [], cancellationToken);
        return digest;
    }

    /// <summary>As a compressed body of a layer.</summary>
    internal async Task<Descriptor> CommitCompressedAsync(Digest diffId, LayerEncoder encoder, CancellationToken cancellationToken)
    {
        var descriptor = new Descriptor { MediaType = encoder.MediaType, Digest = _hasher.Current(), Size = Length };
        await PublishAsync(
            descriptor.Digest,
            null,
            session => LayerBody.Insert(session, diffId, descriptor, encoder.ToString(), proven: true),
            [],
            cancellationToken);
        return descriptor;
    }

    public void Dispose()
    {
        _pending.Dispose();
        _hasher.Dispose();
    }

    /// <summary>Of the bytes that were hashed here.</summary>
    internal Digest DigestSoFar() => _hasher.Current();

    /// <summary>For bytes that are hashed where they come from.</summary>
    internal void AppendUnhashed(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _pending.Write(bytes, Length);
        }
        catch (LinuxException e) when (StoreException.IsFull(e))
        {
            throw StoreException.Full(_context.Folders.Root, e);
        }
        Length += bytes.Length;
        if (Length - _begun >= SyncPortion)
        {
            Durable.BeginSync(_pending.Handle, _begun, Length - _begun);
            _begun = Length;
        }
    }

    /// <summary>Under a digest that is known to be that of the bytes; <paramref name="alsoPublish"/> names further files, <paramref name="alsoWrite"/> puts more rows into the same transaction, <paramref name="alsoLease"/> are leased with it.</summary>
    internal async Task PublishAsync(
        Digest digest, Action? alsoPublish, Action<SqliteSession>? alsoWrite, IReadOnlyList<string> alsoLease, CancellationToken cancellationToken)
    {
        try
        {
            _context.BlobFolders.Make(_context.Folders.BlobFolder(digest));
            // The slow part, outside the lock.
            _pending.Sync();
            using var shared = await _context.Collection.SharedAsync(cancellationToken);
            await PublishAsync(digest, alsoPublish, alsoWrite);
            // Only now: what is leased is taken to be present.
            _context.Leases.Use([digest.ToString(), .. alsoLease]);
        }
        catch (LinuxException e) when (StoreException.IsFull(e))
        {
            throw StoreException.Full(_context.Folders.Root, e);
        }
    }

    private async Task PublishAsync(Digest digest, Action? alsoPublish, Action<SqliteSession>? alsoWrite)
    {
        var written = false;
        try
        {
            // A file without a row, left by a crash, is replaced: these bytes were verified, those may be anything.
            _pending.Publish(_context.Folders.Blob(digest), replace: true);
            alsoPublish?.Invoke();
            // Not to be cancelled: the file is there, and would stay without its row.
            await _context.Database.WriteAsync(
                session =>
                {
                    BlobStore.Insert(session, digest, Length, _context.Now);
                    alsoWrite?.Invoke(session);
                    return true;
                },
                CancellationToken.None);
            written = true;
        }
        finally
        {
            if (!written)
            {
                // Not removed here: another process may be about to write the row of the same file.
                Strays.NoteIfPossible(_context.Folders);
            }
        }
    }
}

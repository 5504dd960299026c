using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// Digests of files of the host. Only content that was hashed well after its last change belongs here: within one tick of the file system's
/// clock a file may change twice and look the same.
/// </summary>
public sealed class FileHashCache
{
    private readonly StoreContext _context;

    internal FileHashCache(StoreContext context) => _context = context;

    /// <summary>In the order of <paramref name="files"/>; null where none is known.</summary>
    public Digest?[] Find(ReadOnlyMemory<FileIdentity> files) => _context.Database.ReadTogether(session =>
    {
        var digests = new Digest?[files.Length];
        for (var i = 0; i < digests.Length; i++)
        {
            var file = files.Span[i];
            digests[i] = session.First(
                "SELECT hash FROM file_hashes WHERE device=?1 AND inode=?2 AND size=?3 AND modified=?4 AND changed=?5",
                static row => (Digest?)Digest.FromHash(DigestAlgorithm.Sha256, row.BlobSpan(0)),
                unchecked((long)file.Device),
                unchecked((long)file.Inode),
                file.Size,
                Nanoseconds(file.Modified),
                Nanoseconds(file.Changed));
        }
        return digests;
    });

    /// <param name="hashes">Sha256 digests.</param>
    /// <param name="cancellationToken">Cancels before the write has begun.</param>
    public Task PutAsync(IReadOnlyList<KeyValuePair<FileIdentity, Digest>> hashes, CancellationToken cancellationToken) => _context.Database.WriteAsync(
        session =>
        {
            var now = _context.Now;
            foreach (var (file, digest) in hashes)
            {
                session.Execute(
                    "INSERT OR REPLACE INTO file_hashes(device, inode, size, modified, changed, hash, written) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    unchecked((long)file.Device),
                    unchecked((long)file.Inode),
                    file.Size,
                    Nanoseconds(file.Modified),
                    Nanoseconds(file.Changed),
                    Convert.FromHexString(digest.Hex),
                    now);
            }
            return true;
        },
        cancellationToken);

    private static long Nanoseconds(FileTime time) => unchecked((time.Seconds * 1_000_000_000) + time.Nanoseconds);
}

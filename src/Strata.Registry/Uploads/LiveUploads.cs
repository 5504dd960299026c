using System.Collections.Concurrent;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Registry.Storage;

namespace Strata.Registry.Uploads;

/// <summary>
/// What this process holds of upload sessions besides their rows: who is writing one now, and the hash so far. The state of the system's
/// hash can't be taken out through the framework, so it is not kept in the row: after a restart the hash is made again from the bytes at
/// the place. Losing what is here loses nothing.
/// </summary>
internal sealed class LiveUploads : IDisposable
{
    /// <summary>Sessions left standing keep their hash up to this number; beyond it a hash is made again when it is needed.</summary>
    private const int MaxKept = 4096;

    /// <summary>A client whose connection broke may be back before the server has noticed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private readonly ConcurrentDictionary<UploadId, Entry> _entries = new();

    /// <summary>Takes the session's one turn; null when another request keeps it.</summary>
    public async ValueTask<Turn?> EnterAsync(UploadId id, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            if (TryEnter(id) is { } turn)
            {
                return turn;
            }
            if (waited >= Patience)
            {
                return null;
            }
            await Task.Delay(Pause, cancellationToken);
        }
    }

    public Turn? TryEnter(UploadId id)
    {
        var entry = _entries.GetOrAdd(id, static _ => new Entry());
        if (Interlocked.Exchange(ref entry.Taken, 1) != 0)
        {
            return null;
        }
        // Between the two lines above it may have been ended and taken out; then it is nobody's any more.
        return _entries.TryGetValue(id, out var current) && ReferenceEquals(current, entry) ? new Turn(this, id, entry) : null;
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Hash?.Dispose();
        }
        _entries.Clear();
    }

    /// <summary>The right to write one session, until it is disposed.</summary>
    internal sealed class Turn(LiveUploads owner, UploadId id, Entry entry) : IDisposable
    {
        private const int ReadBackSize = 1024 * 1024;
        private bool _ended;

        /// <summary>The hash of what <paramref name="appender"/> holds: the kept one where it fits.</summary>
        public async Task<ContentHasher> HashAsync(BlobAppender appender, DigestAlgorithm algorithm, CancellationToken cancellationToken)
        {
            if (entry.Hash is { } kept && entry.Algorithm == algorithm && kept.Length == appender.Length)
            {
                return kept;
            }
            DropHash();
            var hash = new ContentHasher(algorithm);
            (entry.Hash, entry.Algorithm) = (hash, algorithm);
            var buffer = appender.Length == 0 ? [] : new byte[ReadBackSize];
            while (hash.Length < appender.Length)
            {
                var read = await appender.ReadBackAsync(buffer, hash.Length, cancellationToken);
                if (read == 0)
                {
                    throw new BlobBytesLostException($"An upload of {appender.Length:N0} bytes could be read back only to {hash.Length:N0}.");
                }
                hash.Append(buffer.AsSpan(0, read));
            }
            return hash;
        }

        /// <summary>The hash has seen bytes that were not kept.</summary>
        public void DropHash()
        {
            entry.Hash?.Dispose();
            entry.Hash = null;
        }

        /// <summary>The session is over.</summary>
        public void End() => _ended = true;

        public void Dispose()
        {
            if (_ended || owner._entries.Count > MaxKept)
            {
                owner._entries.TryRemove(new(id, entry));
                DropHash();
            }
            Volatile.Write(ref entry.Taken, 0);
        }
    }

    internal sealed class Entry
    {
        public int Taken;
        public ContentHasher? Hash;
        public DigestAlgorithm Algorithm;
    }
}

using System.Collections.Concurrent;
using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// The contents of many files by their numbers, 32 bytes each; different ones may be set by several threads at a time. There are no more than
/// <see cref="CopyLimit"/> allows.
/// </summary>
internal sealed class FileContents(int count)
{
    private const int HashSize = 32;

    private readonly byte[] _hashes = new byte[count * HashSize];

    // Nearly no file has any.
    private readonly ConcurrentDictionary<int, IReadOnlyList<KeyValuePair<string, byte[]>>> _xattrs = [];

    public FileContent this[int number]
    {
        get => new(Digest.FromHash(DigestAlgorithm.Sha256, _hashes.AsSpan(number * HashSize, HashSize)), _xattrs.GetValueOrDefault(number) ?? []);
        set
        {
            Convert.FromHexString(value.Digest.Hex, _hashes.AsSpan(number * HashSize, HashSize), out _, out _);
            if (value.Xattrs.Count > 0)
            {
                _xattrs[number] = value.Xattrs;
            }
        }
    }
}

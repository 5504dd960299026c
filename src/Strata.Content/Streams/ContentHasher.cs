using System.Security.Cryptography;
using Strata.Oci;

namespace Strata.Content.Streams;

/// <summary>Hashes content piece by piece and names it in the end. Used by one thread at a time.</summary>
public sealed class ContentHasher(DigestAlgorithm algorithm = DigestAlgorithm.Sha256) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(
        algorithm == DigestAlgorithm.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512);

    /// <summary>The bytes taken so far.</summary>
    public long Length { get; private set; }

    /// <summary>The digest of <paramref name="content"/> as a whole.</summary>
    public static Digest DigestOf(ReadOnlySpan<byte> content, DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256
        ? Digest.Of(content)
        : Digest.FromHash(algorithm, SHA512.HashData(content));

    public void Append(ReadOnlySpan<byte> content)
    {
        _hash.AppendData(content);
        Length += content.Length;
    }

    /// <summary>The digest of what was taken so far; more may follow.</summary>
    public Digest Current()
    {
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        return Digest.FromHash(algorithm, hash[.._hash.GetCurrentHash(hash)]);
    }

    public void Dispose() => _hash.Dispose();
}

using Strata.Content.Media.Archives;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Tests.Media;

/// <summary>Keeps in memory what an archive that is read once has in it.</summary>
internal sealed class MemoryIntake : IBlobIntake
{
    private readonly Dictionary<Digest, byte[]> _taken = [];

    /// <summary>How many came without a digest.</summary>
    public int Unnamed { get; private set; }

    public async ValueTask<Digest> TakeAsync(Stream content, long size, Digest? claimed, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        var bytes = buffer.ToArray();
        var digest = ContentHasher.DigestOf(bytes, claimed?.Algorithm ?? DigestAlgorithm.Sha256);
        if (claimed is { } wanted && wanted != digest)
        {
            throw ContentMismatchException.Other(wanted, digest);
        }
        Unnamed += claimed is null ? 1 : 0;
        _taken[digest] = bytes;
        return digest;
    }

    public Stream Open(Digest digest) => new MemoryStream(_taken[digest], writable: false);
}

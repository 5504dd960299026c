using Strata.Content.Media.Archives;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Host.Images.Places;

/// <summary>Keeps the files of an archive that can be read only once in temporary files, which end with this object.</summary>
internal sealed class FileIntake(string folder) : IBlobIntake, IDisposable
{
    private const int PieceSize = 1 << 20;

    private readonly Dictionary<Digest, (NamelessFile File, long Size)> _files = [];

    public async ValueTask<Digest> TakeAsync(Stream content, long size, Digest? claimed, CancellationToken cancellationToken)
    {
        using var verified = claimed is { } named ? new VerifyingStream(content, named, size, leaveOpen: true) : null;
        var file = NamelessFile.Create(folder);
        try
        {
            await using var stream = file.OpenStream();
            await using var hashed = new DigestingStream(stream, claimed?.Algorithm ?? DigestAlgorithm.Sha256);
            await (verified ?? content).CopyToAsync(hashed, PieceSize, cancellationToken);
            var digest = hashed.Digest();
            if (!_files.TryAdd(digest, (file, hashed.Length)))
            {
                file.Dispose();
            }
            return digest;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public Stream Open(Digest digest)
    {
        var (file, size) = _files[digest];
        return new VerifyingStream(new FileSliceStream(file.Handle, 0, size), digest, size);
    }

    public void Dispose()
    {
        foreach (var (file, _) in _files.Values)
        {
            file.Dispose();
        }
    }
}

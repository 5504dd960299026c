using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Fuzz.Targets;

/// <summary>
/// An archive as <c>load</c> gets it: in a file that can be read anywhere, and as a stream that comes once. Where both ways read it they
/// read the same, and what can be copied out and packed again has the same images.
/// </summary>
internal static class ArchiveTarget
{
    public static void Read(byte[] given)
    {
        var input = TarChecksums.Stamp(given);
        using var folder = new TemporaryFolder();
        var path = folder.File("archive");
        File.WriteAllBytes(path, input);
        using var here = Refusable.Run(() => ImageArchive.OpenAsync(File.OpenHandle(path), CancellationToken.None));
        using var stream = Refusable.Run(() => TakeAsync(input));
        if (here is not null && stream is not null && !Listed(here).SequenceEqual(Listed(stream)))
        {
            throw new InvalidOperationException("The archive has other images when it is read once.");
        }
        ReadAll(here);
        ReadAll(stream);
    }

    /// <summary>Reads the archive as <c>load</c> does from a pipe.</summary>
    public static async Task<ImageArchive?> TakeAsync(byte[] input) =>
        await ImageArchive.TakeAsync(new MemoryStream(input), new BoundedIntake(), CancellationToken.None);

    /// <summary>An image in a line: its digest and what it is called.</summary>
    public static IEnumerable<string> Listed(ImageArchive archive) =>
        archive.Images.Select(image => $"{image.Manifest.Digest} {string.Join(' ', image.Names)} {string.Join(' ', image.Tags)}");

    /// <summary>Every manifest, config and layer of every image; what is whole is packed, and unpacked again.</summary>
    public static void ReadAll(ImageArchive? archive)
    {
        foreach (var image in archive?.Images ?? [])
        {
            var copy = new MemoryMedium();
            if (Refusable.Run(() => CopyAsync(archive!, copy, image)) is null)
            {
                continue;
            }
            using var packed = new MemoryStream();
            using (var writer = new ImageArchiveWriter(packed, ArchiveFormat.Docker))
            {
                Sync(ImageCopy.CopyAsync(copy, writer.In(null), image.Manifest, new CopyOptions(), null, CancellationToken.None));
                Sync(writer.CompleteAsync(CancellationToken.None));
            }
            using var again = TakeAsync(packed.ToArray()).GetAwaiter().GetResult();
            if (again?.Images is not [var only] || only.Manifest.Digest != image.Manifest.Digest)
            {
                throw new InvalidOperationException($"The image {image.Manifest.Digest} is another one when it is packed again.");
            }
        }
    }

    private static async Task<CopyResult?> CopyAsync(ImageArchive archive, MemoryMedium to, ArchivedImage image) =>
        await ImageCopy.CopyAsync(archive, to, image.Manifest, new CopyOptions { Referrers = true }, null, CancellationToken.None) as CopyResult.Copied;

    private static void Sync(Task task) => task.GetAwaiter().GetResult();

    /// <summary>A disk that is soon full: a compressed archive may unpack to a thousand times its size.</summary>
    private sealed class BoundedIntake : IBlobIntake
    {
        private const int Room = 16 << 20;
        private readonly Dictionary<Digest, byte[]> _taken = [];
        private int _left = Room;

        public async ValueTask<Digest> TakeAsync(Stream content, long size, Digest? claimed, CancellationToken cancellationToken)
        {
            var bytes = await BoundedStream.ReadAllAsync(content, _left, "The disk", cancellationToken);
            _left -= bytes.Length;
            var digest = ContentHasher.DigestOf(bytes, claimed?.Algorithm ?? DigestAlgorithm.Sha256);
            if (claimed is { } wanted && wanted != digest)
            {
                throw ContentMismatchException.Other(wanted, digest);
            }
            if (bytes.Length != size)
            {
                throw new InvalidOperationException($"A file of {bytes.Length} bytes was said to have {size}.");
            }
            _taken[digest] = bytes;
            return digest;
        }

        public Stream Open(Digest digest) => new MemoryStream(_taken[digest], writable: false);
    }
}

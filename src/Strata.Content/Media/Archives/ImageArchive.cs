using Microsoft.Win32.SafeHandles;
using Strata.Content.Compression;
using Strata.Content.Streams;
using Strata.Content.Tar;
using Strata.Oci;

namespace Strata.Content.Media.Archives;

/// <summary>
/// Images in a tar, for reading: an image layout packed as one, a docker archive of any age since docker 1.10, or what is both. Where it
/// is both, the layout is read, as it has the manifests.
/// </summary>
public sealed class ImageArchive : IImageReader, IReferrerReader, IDisposable
{
    private readonly IArchiveFiles _files;
    private readonly IReadOnlyDictionary<Digest, ArchiveMember> _blobs;

    private ImageArchive(IArchiveFiles files, IReadOnlyList<ArchivedImage> images, IReadOnlyDictionary<Digest, ArchiveMember> blobs) =>
        (_files, Images, _blobs) = (files, images, blobs);

    /// <summary>The layout's entries; empty for a docker archive, whose names are all whole.</summary>
    private IReadOnlyList<Descriptor> Entries { get; init; } = [];

    /// <summary>In the archive's order, each one once.</summary>
    public IReadOnlyList<ArchivedImage> Images { get; }

    /// <summary>Opens an archive in a file of its own that can be read anywhere; the handle is owned. Null where the file is compressed.</summary>
    /// <exception cref="InvalidImageException">It holds no images, or broken ones.</exception>
    public static async Task<ImageArchive?> OpenAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        var first = new byte[ContentGuess.Length];
        var length = RandomAccess.Read(file, first, 0);
        if (LayerDecompression.Detect(first.AsSpan(0, length)) != LayerCompression.None)
        {
            return null;
        }
        if (length == 0)
        {
            file.Dispose();
            throw Empty();
        }
        try
        {
            return await ReadAsync(ArchiveFile.Open(file, cancellationToken), cancellationToken);
        }
        catch (InvalidTarException e)
        {
            throw NoArchive(e, first.AsSpan(0, length));
        }
    }

    /// <summary>Reads an archive that comes once and may be compressed; <paramref name="stream"/> is read to its end and closed.</summary>
    /// <exception cref="InvalidImageException">It holds no images, or broken ones.</exception>
    public static async Task<ImageArchive> TakeAsync(Stream stream, IBlobIntake intake, CancellationToken cancellationToken)
    {
        var first = new byte[ContentGuess.Length];
        var length = 0;
        try
        {
            length = await stream.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellationToken);
            await using var plain = LayerDecompression.Open(new PrefixedStream(first.AsMemory(0, length), stream));
            if (length == 0)
            {
                throw Empty();
            }
            return await ReadAsync(await ArchiveIntake.ReadAsync(plain, intake, cancellationToken), cancellationToken);
        }
        catch (InvalidTarException e)
        {
            throw NoArchive(e, first.AsSpan(0, length));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidImageException($"The archive cannot be unpacked. {e.Message}");
        }
    }

    public async ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        if ((key.Tag is { } tag ? Find(tag) : Images.FirstOrDefault(image => image.Manifest.Digest == key.Digest)) is { } listed)
        {
            return listed.Manifest;
        }
        return key.Digest is { } digest ? await LayoutArchiveReading.ReadManifestAsync(_files, digest, null, cancellationToken) : null;
    }

    public ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        var member = _blobs.GetValueOrDefault(blob.Digest) ?? _files.Find(LayoutPaths.Of(blob.Digest));
        return ValueTask.FromResult<Stream?>(member is null ? null : new VerifyingStream(_files.Open(member), blob.Digest, blob.Size));
    }

    /// <summary>The image that a person means: what is called just so, else by that whole name, else the only one with that tag; null when there is none.</summary>
    public ArchivedImage? Find(string text) => LayoutNames.Find(Entries, text) is { } entry
        ? Images.First(image => image.Manifest.Digest == entry.Digest)
        : (Reference.TryParse(text, out var name) ? Images.FirstOrDefault(image => image.Names.Contains(name.WithDefaultTag())) : null)
            ?? (Tag.TryParse(text, out var tag) ? Find(tag) : null);

    public ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Descriptor>>(
            [.. Images.Where(image => ManifestBytes.SubjectOf(image.Manifest) == subject).Select(image => image.Manifest.Descriptor)]);

    public void Dispose() => _files.Dispose();

    private ArchivedImage? Find(Tag tag)
    {
        if (LayoutNames.Find(Entries, tag) is { } entry)
        {
            return Images.First(image => image.Manifest.Digest == entry.Digest);
        }
        var tagged = Images.Where(image => image.Names.Any(name => name.Tag == tag)).DistinctBy(image => image.Manifest.Digest).ToList();
        return tagged is [var only] ? only : null;
    }

    private static async Task<ImageArchive> ReadAsync(IArchiveFiles files, CancellationToken cancellationToken)
    {
        try
        {
            if (files.Find(LayoutPaths.Marker) is not null && files.Find(LayoutPaths.Index) is not null)
            {
                var entries = await LayoutArchiveReading.ListAsync(files, cancellationToken);
                var images = await LayoutArchiveReading.ReadAsync(files, entries, cancellationToken);
                return new ImageArchive(files, images, new Dictionary<Digest, ArchiveMember>()) { Entries = entries };
            }
            if (files.Find(DockerArchiveReading.ListName) is not null)
            {
                var docker = new DockerArchiveReading(files);
                return new ImageArchive(files, await docker.ReadAsync(cancellationToken), docker.Blobs);
            }
            throw new InvalidImageException(files.Find(DockerArchiveReading.RepositoriesName) is not null
                ? "The archive is in the format of docker before 1.10 (2016), which has no image ids; load it with a docker of that time and save it again with a newer one."
                : $"The archive holds no images: it has neither {LayoutPaths.Index} nor {DockerArchiveReading.ListName}. (A tar of a root file system is taken by import.)");
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static InvalidImageException Empty() => new("The archive is empty: it has not a single byte.");

    private static InvalidImageException NoArchive(InvalidTarException e, ReadOnlySpan<byte> firstBytes) => new(
        ForeignCompression.Explain(firstBytes)
        // What ends in its first header is any file, not an archive of which something came.
        ?? (e.IsCutOff && e.Offset > 0 ? $"The archive is cut off at byte {e.Offset:N0}; fetch or save it again."
        : e.Offset > 0 ? $"The archive is damaged at byte {e.Offset:N0}, or cut off: {e.Problem}."
        : ContentGuess.Of(firstBytes) is { } guess ? $"{Expected}; it seems to be {guess}."
        : e.IsCutOff ? $"{Expected}."
        : $"{Expected}; {e.Problem}."));

    private const string Expected = "This is no archive of images: a tar was expected, as it is or packed with gzip or zstd";
}

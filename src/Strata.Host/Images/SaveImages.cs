using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Host.Images.Places;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Writes images of the store into an archive or a folder, which is there whole in the end or as it was before.</summary>
public sealed class SaveImages(LocalStore store)
{
    private static readonly Reference Nameless = Reference.Parse("localhost/nameless");

    /// <param name="images">Names or ids; a name without a tag means all its tags, as it does for docker.</param>
    /// <param name="path">The archive's file, or the layout's folder.</param>
    /// <param name="format">What it is.</param>
    /// <param name="form">What the layers are compressed with; null leaves them as they are, and bare tars where the image was built here.</param>
    /// <param name="progress">Told of every blob.</param>
    /// <param name="cancellationToken">Ends the work; nothing is left of it.</param>
    /// <returns>The manifests, as they were written.</returns>
    public async Task<IReadOnlyList<Descriptor>> ToPathAsync(
        IReadOnlyList<string> images, string path, SaveFormat format, LayerForm? form, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        var chosen = Choose(images);
        if (format == SaveFormat.OciFolder)
        {
            return await LayoutFolder.FillAsync(
                path, null, null, update => WriteAsync(chosen, update.In, format, form, progress, cancellationToken), cancellationToken);
        }
        using var output = ArchiveOutput.Create(path);
        var written = await WriteAsync(chosen, output.Stream, format, form, progress, cancellationToken);
        output.Publish();
        return written;
    }

    /// <summary>As <see cref="ToPathAsync"/>, into a stream, such as <see cref="OutputStream"/>; what was written before a failure is good for nothing.</summary>
    public Task<IReadOnlyList<Descriptor>> ToStreamAsync(
        IReadOnlyList<string> images, Stream target, SaveFormat format, LayerForm? form, IProgress<TransferEvent>? progress, CancellationToken cancellationToken) =>
        WriteAsync(Choose(images), target, format, form, progress, cancellationToken);

    private async Task<IReadOnlyList<Descriptor>> WriteAsync(
        IReadOnlyList<Chosen> images, Stream target, SaveFormat format, LayerForm? form, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        using var writer = new ImageArchiveWriter(target, format == SaveFormat.OciArchive ? ArchiveFormat.Oci : ArchiveFormat.Docker);
        var written = await WriteAsync(images, repository => writer.In(repository), format, form, progress, cancellationToken);
        await writer.CompleteAsync(cancellationToken);
        return written;
    }

    private async Task<IReadOnlyList<Descriptor>> WriteAsync(
        IReadOnlyList<Chosen> images,
        Func<Reference?, IImageWriter> target,
        SaveFormat format,
        LayerForm? form,
        IProgress<TransferEvent>? progress,
        CancellationToken cancellationToken)
    {
        var written = new List<Descriptor>();
        foreach (var image in images)
        {
            var result = await StoredContent.WholeAsync(image.Text, WriteAsync(image, target, format, form, progress, cancellationToken));
            if (result is not CopyResult.Copied copied)
            {
                throw new StrataException($"{image.Text} is not whole in the store", "`strata system verify` says what is missing; pull or build it again");
            }
            written.Add(copied.Manifest.Descriptor);
        }
        return written;
    }

    private async Task<CopyResult> WriteAsync(
        Chosen image,
        Func<Reference?, IImageWriter> target,
        SaveFormat format,
        LayerForm? form,
        IProgress<TransferEvent>? progress,
        CancellationToken cancellationToken)
    {
        var medium = new StoreMedium(store, image.Name ?? Nameless, LayerEncoder.Default) { LayersAsKept = true };
        var manifest = await medium.ManifestOfAsync(image.Id, image.Manifest, cancellationToken)
            ?? throw new StrataException($"{image.Text} has just been removed from the store");
        IImageReader source = medium;
        if (form is not null)
        {
            source = new RecodedImage(medium, new StoreRecoder(store), form) { MakesOciManifests = format != SaveFormat.DockerArchive };
            manifest = (await source.GetManifestAsync(ManifestKey.ByDigest(manifest.Digest), cancellationToken))!;
        }
        // One after the other: the same images give the same archive.
        var options = new CopyOptions { Tag = image.Name?.Tag, Sparse = true, Parallelism = 1 };
        return await ImageCopy.CopyAsync(source, target(image.Name), manifest, options, progress, cancellationToken);
    }

    private List<Chosen> Choose(IReadOnlyList<string> images)
    {
        var chosen = new List<Chosen>();
        foreach (var text in images)
        {
            if (Reference.TryParse(text, out var reference) && reference is { Tag: null, Digest: null } && TagsOf(reference) is { Count: > 0 } tags)
            {
                chosen.AddRange(tags.Select(tag => new Chosen(text, tag.Image, tag.Name.Manifest, tag.Name.Reference)));
                continue;
            }
            var (image, found) = new ImageFinder(store).Get(text);
            chosen.Add(new Chosen(text, image.Id, found.Manifest, found.Name is { Tag: not null, Digest: null } name ? name : null));
        }
        return [.. chosen.DistinctBy(image => (image.Id, image.Name))];
    }

    private List<(Digest Image, ImageName Name)> TagsOf(Reference repository) =>
    [
        .. store.Images.List()
            .SelectMany(image => image.Names.Select(name => (image.Id, name)))
            .Where(entry => entry.name.Reference.Name == repository.Name && entry.name.Reference is { Tag: not null, Digest: null })
            .OrderBy(entry => entry.name.Reference.ToString(), StringComparer.Ordinal),
    ];

    private sealed record Chosen(string Text, Digest Id, Digest? Manifest, Reference? Name);
}

using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Media;

public sealed class RecodedImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemoryMedium _source = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(LayerCompression.Zstd)]
    [InlineData(LayerCompression.None)]
    public async Task Layers_get_another_form_and_the_image_stays_the_same_image(LayerCompression compression)
    {
        var image = RandomImage.Create(1);
        await image.WriteAsync(_source, Tag.Latest, Stop);
        using var spool = new LayerSpool(_source, _folder.Path);
        var recoded = new RecodedImage(_source, spool, new LayerForm(compression, null));
        var root = await ImageAssert.Valid(recoded, ManifestKey.ByTag(Tag.Latest), Stop);
        Assert.NotEqual(image.Manifest.Digest, root.Digest);
        Assert.True(Manifest.TryParse(root.Raw, root.MediaType, out var manifest, out _));
        Assert.Equal(image.ConfigDescriptor.Digest, manifest.Config.Digest);
        Assert.All(manifest.Layers, layer => Assert.Equal(MediaTypes.OciLayer(compression), layer.MediaType));

        var target = new MemoryMedium();
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(recoded, target, root, new CopyOptions { Tag = Tag.Latest }, null, Stop));
        await ImageAssert.Valid(target, ManifestKey.ByTag(Tag.Latest), Stop);
    }

    [Fact]
    public async Task What_has_the_form_already_is_not_touched()
    {
        var image = RandomImage.Create(2);
        await image.WriteAsync(_source, Tag.Latest, Stop);
        using var spool = new LayerSpool(_source, _folder.Path);
        var same = await new RecodedImage(_source, spool, new LayerForm(LayerCompression.Gzip, null)).GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop);
        Assert.Equal(image.Manifest.Digest, same!.Digest);
        var harder = await new RecodedImage(_source, spool, new LayerForm(LayerCompression.Gzip, 9)).GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop);
        Assert.NotEqual(image.Manifest.Digest, harder!.Digest);
    }

    [Theory]
    [InlineData(LayerCompression.Gzip)]
    [InlineData(LayerCompression.Zstd)]
    public async Task A_manifest_of_dockers_kind_becomes_OCIs_for_a_layout_also_where_its_layers_stay(LayerCompression compression)
    {
        var image = RandomImage.Create(6);
        await image.WriteAsync(_source, null, Stop);
        var text = System.Text.Encoding.UTF8.GetString(image.Manifest.Raw.Span)
            .Replace(MediaTypes.OciManifest, MediaTypes.DockerManifest, StringComparison.Ordinal)
            .Replace(MediaTypes.OciConfig, MediaTypes.DockerConfig, StringComparison.Ordinal)
            .Replace(MediaTypes.OciLayerGzip, MediaTypes.DockerLayerGzip, StringComparison.Ordinal);
        await _source.PutManifestAsync(new StoredManifest(System.Text.Encoding.UTF8.GetBytes(text), MediaTypes.DockerManifest), Tag.Latest, Stop);
        using var spool = new LayerSpool(_source, _folder.Path);
        var form = new LayerForm(compression, null);
        var made = await ImageAssert.Valid(new RecodedImage(_source, spool, form) { MakesOciManifests = true }, ManifestKey.ByTag(Tag.Latest), Stop);
        Assert.Equal(MediaTypes.OciManifest, made.MediaType);
        Assert.True(Manifest.TryParse(made.Raw, made.MediaType, out var manifest, out _));
        Assert.Equal(image.ConfigDescriptor with { MediaType = MediaTypes.OciConfig }, manifest.Config);
        Assert.All(manifest.Layers, layer => Assert.Equal(MediaTypes.OciLayer(compression), layer.MediaType));
        Assert.Equal(compression == LayerCompression.Gzip, manifest.Layers[0].Digest == image.Layers[0].Digest);
        var elsewhere = await new RecodedImage(_source, spool, form).GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop);
        Assert.Equal(compression == LayerCompression.Gzip ? MediaTypes.DockerManifest : MediaTypes.OciManifest, elsewhere!.MediaType);
    }

    [Fact]
    public async Task A_list_lists_the_new_manifests_with_their_platforms()
    {
        var (amd, arm) = (RandomImage.Create(3), RandomImage.Create(4, platform: Platform.Parse("linux/arm64")));
        await amd.WriteAsync(_source, null, Stop);
        await arm.WriteAsync(_source, null, Stop);
        await _source.PutManifestAsync(RandomImage.Index(amd, arm), Tag.Latest, Stop);
        using var spool = new LayerSpool(_source, _folder.Path);
        var recoded = new RecodedImage(_source, spool, new LayerForm(LayerCompression.Zstd, 1));
        var root = await ImageAssert.Valid(recoded, ManifestKey.ByTag(Tag.Latest), Stop);
        Assert.True(ImageIndex.TryParse(root.Raw, root.MediaType, out var index, out _));
        Assert.Equal(["linux/amd64", "linux/arm64"], index.Manifests.Select(child => child.Platform!.ToString()));
    }

    [Fact]
    public async Task A_layer_that_is_not_what_the_config_says_is_refused()
    {
        var (image, other) = (RandomImage.Create(5, layers: 1), RandomImage.Create(6, layers: 1));
        foreach (var (descriptor, content) in image.Blobs.Concat(other.Blobs))
        {
            await _source.PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        }
        var lying = Manifest.Create(image.ConfigDescriptor, other.Layers);
        await _source.PutManifestAsync(new StoredManifest(lying.Raw, lying.MediaType), Tag.Latest, Stop);
        using var spool = new LayerSpool(_source, _folder.Path);
        var recoded = new RecodedImage(_source, spool, new LayerForm(LayerCompression.Zstd, null));
        await Assert.ThrowsAsync<InvalidImageException>(async () => await recoded.GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop));
    }
}

using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Store.Tests;

public sealed class StoreMediumContract : ImageMediumContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<LocalStore> _stores = [];

    protected override Task<(IImageReader Reader, IImageWriter Writer)> CreateAsync()
    {
        var store = LocalStore.Open(new StoreOptions { Root = _folder.File($"store-{_stores.Count}") });
        _stores.Add(store);
        var medium = store.Medium(Reference.Parse("registry.example/team/app"), LayerEncoder.Default);
        return Task.FromResult<(IImageReader, IImageWriter)>((medium, medium));
    }

    public void Dispose()
    {
        _stores.ForEach(store => store.Dispose());
        _folder.Dispose();
    }
}

public sealed class StoreMediumTests : StoreTest
{
    private StoreMedium Medium(string repository = "app") => Store.Medium(Reference.Parse(repository), LayerEncoder.Default);

    [Fact]
    public async Task A_pulled_image_is_found_by_its_name_with_its_manifest()
    {
        var image = RandomImage.Create(1);
        await image.WriteAsync(Medium(), Tag.Parse("v1"), Stop);
        var found = Assert.IsType<ImageLookup.Found>(Store.Images.Find("app:v1"));
        Assert.Equal(image.ConfigDescriptor.Digest, found.Image);
        Assert.Equal(image.Manifest.Digest, found.Manifest);
        Assert.Equal(image.Config.RootFs.DiffIds, Store.Images.Get(found.Image)!.Layers);
        Assert.Equal(found.Image, Assert.IsType<ImageLookup.Found>(Store.Images.Find($"app@{image.Manifest.Digest}")).Image);
        Assert.Equal(found.Image, Assert.IsType<ImageLookup.Found>(Store.Images.Find(image.Manifest.Digest.ToString())).Image);
    }

    [Fact]
    public async Task A_built_image_gets_a_valid_manifest_when_it_is_asked_for_and_always_the_same()
    {
        var id = await AddImage(Store, "built", "app:v1");
        var first = await ImageAssert.Valid(Medium(), ManifestKey.ByTag(Tag.Parse("v1")), Stop);
        Assert.True(Manifest.TryParse(first.Raw, first.MediaType, out var manifest, out _));
        Assert.Equal(id, manifest.Config.Digest);
        Reopen();
        var second = await Medium().GetManifestAsync(ManifestKey.ByTag(Tag.Parse("v1")), Stop);
        Assert.Equal(first.Digest, second!.Digest);
    }

    [Fact]
    public async Task A_layer_that_was_pulled_goes_out_as_it_came_in()
    {
        var image = RandomImage.Create(5, layers: 1);
        await image.WriteAsync(Medium(), Tag.Parse("base"), Stop);
        var top = await AddLayer(Store, ("new", "x"));
        var id = await Store.Images.AddAsync(Config("derived", image.Config.RootFs.DiffIds[0], top).ToBytes(), Stop);
        var packed = await Store.Manifests.PackAsync(id, LayerEncoder.Gzip(1), Stop);
        Assert.True(Manifest.TryParse(packed!.Raw, packed.MediaType, out var manifest, out _));
        Assert.Equal(image.Layers[0].Digest, manifest.Layers[0].Digest);
    }

    [Fact]
    public async Task A_manifest_whose_blobs_are_missing_or_do_not_fit_its_config_is_refused()
    {
        var image = RandomImage.Create(2);
        var missing = await Assert.ThrowsAsync<InvalidImageException>(async () => await Medium().PutManifestAsync(image.Manifest, null, Stop));
        Assert.Contains("not in the store", missing.Message, StringComparison.Ordinal);

        foreach (var (descriptor, content) in image.Blobs)
        {
            await Medium().PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        }
        var shortened = Manifest.Create(image.ConfigDescriptor, [image.Layers[0]]);
        var refused = await Assert.ThrowsAsync<InvalidImageException>(
            async () => await Medium().PutManifestAsync(new StoredManifest(shortened.Raw, shortened.MediaType), Tag.Parse("v1"), Stop));
        Assert.Contains("2 layers", refused.Message, StringComparison.Ordinal);
        Assert.IsType<ImageLookup.NotFound>(Store.Images.Find("app:v1"));
    }

    [Fact]
    public async Task A_named_index_keeps_all_its_platforms()
    {
        var (amd, arm) = (RandomImage.Create(10), RandomImage.Create(11, platform: Platform.Parse("linux/arm64")));
        await amd.WriteAsync(Medium(), null, Stop);
        await arm.WriteAsync(Medium(), null, Stop);
        var index = RandomImage.Index(amd, arm);
        await Medium().PutManifestAsync(index, Tag.Parse("v1"), Stop);
        Reopen();
        Assert.Empty((await Store.Maintenance.PruneAsync(new PruneOptions(), Stop)).Images);
        await ImageAssert.Valid(Medium(), ManifestKey.ByTag(Tag.Parse("v1")), Stop);
        Store.Names.Remove(Name("app:v1"));
        Reopen();
        Assert.Equal(2, (await Store.Maintenance.PruneAsync(new PruneOptions(), Stop)).Images.Count);
        Assert.Null(Store.Manifests.Find(index.Digest));
        Assert.Empty(FilesIn("blobs"));
    }

    [Fact]
    public async Task An_artifact_is_kept_with_the_image_it_came_with_and_is_no_image()
    {
        var config = "{}"u8.ToArray();
        var payload = "signature"u8.ToArray();
        await Store.Blobs.PutAsync(config, Stop);
        await Store.Blobs.PutAsync(payload, Stop);
        var manifest = Manifest.Create(Describe(config, MediaTypes.OciEmpty), [Describe(payload, "application/vnd.example.signature")]);
        var stored = new StoredManifest(manifest.Raw, manifest.MediaType);
        var refused = await Assert.ThrowsAsync<InvalidImageException>(async () => await Medium().PutManifestAsync(stored, Tag.Parse("sig"), Stop));
        Assert.Contains($"of an artifact ({MediaTypes.OciEmpty})", refused.Message, StringComparison.Ordinal);
        var image = RandomImage.Create(1);
        await image.WriteAsync(Medium(), null, Stop);
        await Medium().PutManifestAsync(stored, null, Stop);
        var index = ImageIndex.Create([image.Manifest.Descriptor, stored.Descriptor]);
        await Medium().PutManifestAsync(new StoredManifest(index.Raw, index.MediaType), Tag.Parse("both"), Stop);
        Reopen();
        await Store.Maintenance.PruneAsync(new PruneOptions(), Stop);
        Assert.Equal([image.ConfigDescriptor.Digest], Store.Images.List().Select(listed => listed.Id));
        Assert.Null(Store.Images.Get(Digest.Of(config)));
        Assert.Equal("signature", await ReadAll(Store.Blobs.Open(Digest.Of(payload))));
    }
}

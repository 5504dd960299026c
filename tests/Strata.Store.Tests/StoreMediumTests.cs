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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_name_stands_for_does_not_change_when_the_same_image_comes_under_another(bool layersAsKept)
    {
        var id = await AddImage(Store, "built", "app:v1");
        using var other = LocalStore.Open(new StoreOptions { Root = Root + "-other", Clock = Clock });
        await AddImage(other, "built", "app:v1");
        var expected = (await Of(other, "app:v1"))!.Digest;

        var diffId = Store.Images.Get(id)!.Layers[0];
        using var zstd = new MemoryStream();
        using (var compressing = LayerEncoder.Zstd(3).Open(zstd))
        {
            compressing.Write(await System.IO.File.ReadAllBytesAsync(new StoreFolders(Root).Blob(diffId), Stop));
            compressing.Complete();
        }
        var layer = Describe(zstd.ToArray(), MediaTypes.OciLayer(LayerCompression.Zstd));
        await Store.Blobs.PutAsync(zstd.ToArray(), Stop);
        var config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = id, Size = Store.Blobs.Find(id)!.Value };
        var received = Manifest.Create(config, [layer]);
        await Store.Manifests.PutAsync(new StoredManifest(received.Raw, received.MediaType), Name("oa:1"), Stop);
        Assert.Equal(expected, (await Of(Store, "app:v1"))!.Digest);
        Assert.Equal(Digest.Of(received.Raw.Span), (await Of(Store, "oa:1"))!.Digest);
        // By its id it is what it was before too.
        Assert.Equal(expected, (await new StoreMedium(Store, Name("none"), LayerEncoder.Default) { LayersAsKept = layersAsKept }.ManifestOfAsync(id, Stop))!.Digest);
        Store.Names.Remove(Name("app:v1"));
        Assert.Equal(layersAsKept ? Digest.Of(received.Raw.Span) : expected, (await new StoreMedium(Store, Name("none"), LayerEncoder.Default) { LayersAsKept = layersAsKept }.ManifestOfAsync(id, Stop))!.Digest);

        async Task<StoredManifest?> Of(LocalStore store, string name) =>
            await new StoreMedium(store, Name(name), LayerEncoder.Default) { LayersAsKept = layersAsKept }.GetManifestAsync(ManifestKey.Of(Name(name)), Stop);
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
    public async Task What_is_attached_stays_as_long_as_what_it_is_attached_to()
    {
        var (image, other) = (RandomImage.Create(1), RandomImage.Create(2));
        await image.WriteAsync(Medium(), Tag.Parse("v1"), Stop);
        await other.WriteAsync(Medium(), Tag.Parse("v2"), Stop);
        var index = RandomImage.Index(image);
        await Medium().PutManifestAsync(index, Tag.Parse("index"), Stop);
        var onImage = await RandomImage.AttachAsync(Medium(), image.Manifest.Descriptor, "on the image", Stop);
        var onThat = await RandomImage.AttachAsync(Medium(), onImage.Descriptor, "on that", Stop);
        var onIndex = await RandomImage.AttachAsync(Medium(), index.Descriptor, "on the index", Stop);
        var onOther = await RandomImage.AttachAsync(Medium(), other.Manifest.Descriptor, "on the other", Stop);
        Reopen();
        Assert.Empty((await Store.Maintenance.PruneAsync(new PruneOptions { BuildCache = true }, Stop)).Removed);
        Assert.Equal([onThat.Digest], Store.Manifests.ReferrersOf(onImage.Digest).Select(referrer => referrer.Digest));

        Store.Names.Remove(Name("app:index"));
        Assert.IsType<RemoveResult.Removed>(await Store.Maintenance.RemoveImageAsync("app:v1", false, Stop));
        foreach (var gone in new[] { onImage, onThat, onIndex, index })
        {
            Assert.Null(Store.Manifests.Find(gone.Digest));
        }
        Assert.NotNull(Store.Manifests.Find(onOther.Digest));
        // Its config is the same bytes as theirs.
        Assert.Equal("on the other", await ReadAll(Store.Blobs.Open(Digest.Of("on the other"u8))));
        Assert.Null(Store.Blobs.Find(Digest.Of("on that"u8)));
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));

        await Store.Maintenance.PruneAsync(new PruneOptions { UnusedImages = true }, Stop);
        Assert.Empty(FilesIn("blobs"));
    }

    [Fact]
    public async Task An_attached_list_of_artifacts_goes_with_what_it_is_attached_to()
    {
        var image = RandomImage.Create(1);
        await image.WriteAsync(Medium(), Tag.Parse("v1"), Stop);
        var inList = await RandomImage.AttachAsync(Medium(), Describe([.. "elsewhere"u8]), "in the list", Stop);
        var plain = ImageIndex.Create([inList.Descriptor]);
        var text = System.Text.Encoding.UTF8.GetString(plain.Raw.Span);
        text = text[..^1] + $$$""","subject":{"mediaType":"{{{image.Manifest.MediaType}}}","digest":"{{{image.Manifest.Digest}}}","size":{{{image.Manifest.Raw.Length}}}}}""";
        var list = new StoredManifest(System.Text.Encoding.UTF8.GetBytes(text), plain.MediaType);
        await Medium().PutManifestAsync(list, null, Stop);
        Reopen();
        await Store.Maintenance.PruneAsync(new PruneOptions(), Stop);
        Assert.Equal(list.Digest, Assert.Single(Store.Manifests.ReferrersOf(image.Manifest.Digest)).Digest);
        Assert.NotNull(Store.Manifests.Find(inList.Digest));
        await Store.Maintenance.RemoveImageAsync("app:v1", false, Stop);
        Assert.Empty(FilesIn("blobs"));
        Assert.Null(Store.Manifests.Find(list.Digest));
    }

    [Fact]
    public async Task An_image_is_found_by_the_sha512_of_its_manifest_and_kept_under_that()
    {
        var image = RandomImage.Create(4);
        var long512 = image.Manifest.Under(Strata.Content.Streams.ContentHasher.DigestOf(image.Manifest.Raw.Span, DigestAlgorithm.Sha512))!;
        foreach (var (descriptor, content) in image.Blobs)
        {
            await Medium().PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        }
        await Store.Manifests.PutAsync(long512, Reference.Parse($"app@{long512.Digest}"), Stop);
        Reopen();
        Assert.Empty((await Store.Maintenance.PruneAsync(new PruneOptions(), Stop)).Images);
        var found = Assert.IsType<ImageLookup.Found>(Store.Images.Find($"app@{long512.Digest}"));
        Assert.Equal((image.ConfigDescriptor.Digest, long512.Digest), (found.Image, found.Manifest));
        Assert.Equal(found.Image, Assert.IsType<ImageLookup.Found>(Store.Images.Find(long512.Digest.ToString())).Image);
        Assert.Equal(long512.Digest, Store.Manifests.Find(long512.Digest)!.Digest);
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
        OpenContext().Database.Write(s => s.Execute("UPDATE manifests SET raw=x'7b7d'"));
        Assert.Equal([new VerifyFinding.ManifestDamaged(long512.Digest)], (await Store.Maintenance.VerifyAsync(false, null, Stop)).OfType<VerifyFinding.ManifestDamaged>());
    }

    public enum Damaged
    {
        Image,
        Listed,
        Index,
    }

    [Theory]
    [InlineData(Damaged.Image, "x'7b7d'")]
    [InlineData(Damaged.Image, "CAST(replace(CAST(raw AS TEXT), 'sha256:a', 'sha256:b') || ' ' AS BLOB)")]
    [InlineData(Damaged.Listed, "CAST(CAST(raw AS TEXT) || ' ' AS BLOB)")]
    [InlineData(Damaged.Index, "CAST(CAST(raw AS TEXT) || ' ' AS BLOB)")]
    public async Task A_manifest_whose_bytes_are_no_longer_its_own_is_not_handed_on(Damaged what, string bytes)
    {
        var (amd, arm) = (RandomImage.Create(10), RandomImage.Create(11, platform: Platform.Parse("linux/arm64")));
        await amd.WriteAsync(Medium(), Tag.Parse("one"), Stop);
        await arm.WriteAsync(Medium(), null, Stop);
        var index = RandomImage.Index(amd, arm);
        await Medium().PutManifestAsync(index, Tag.Parse("all"), Stop);
        var damaged = what == Damaged.Image ? amd.Manifest.Digest : what == Damaged.Listed ? arm.Manifest.Digest : index.Digest;
        OpenContext().Database.Write(s => s.Execute($"UPDATE manifests SET raw={bytes} WHERE digest=?1", damaged.ToString()));
        var message = $"The manifest {damaged} is damaged in the store {Root}. Run 'strata system verify --repair', then try again.";

        var tag = Tag.Parse(what == Damaged.Image ? "one" : "all");
        foreach (var asKept in (bool[])[false, true])
        {
            var medium = new StoreMedium(Store, Name("app"), LayerEncoder.Default) { LayersAsKept = asKept };
            var copying = await Assert.ThrowsAsync<StoreException>(
                () => ImageCopy.CopyAsync(medium, OciLayout.Create(Directory.CreateDirectory(Root + "-out" + asKept).FullName), ManifestKey.ByTag(tag), new CopyOptions(), null, Stop));
            Assert.Equal(message, copying.Message);
            Assert.Equal(message, (await Assert.ThrowsAsync<StoreException>(async () => await medium.GetManifestAsync(ManifestKey.ByDigest(damaged), Stop))).Message);
            if (what == Damaged.Image)
            {
                Assert.Equal(message, (await Assert.ThrowsAsync<StoreException>(async () => await medium.ManifestOfAsync(amd.ConfigDescriptor.Digest, Stop))).Message);
            }
        }
        Assert.NotNull(Store.Manifests.Find(damaged));
        await amd.WriteAsync(Medium(), Tag.Parse("one"), Stop);
        await arm.WriteAsync(Medium(), null, Stop);
        await Medium().PutManifestAsync(index, Tag.Parse("all"), Stop);
        await ImageAssert.Valid(Medium(), ManifestKey.ByTag(tag), Stop);
    }

    [Fact]
    public async Task An_index_of_which_one_platform_came_is_kept_and_the_image_is_given_alone_until_all_are_here()
    {
        var (amd, arm) = (RandomImage.Create(10), RandomImage.Create(11, platform: Platform.Parse("linux/arm64")));
        await arm.WriteAsync(Medium(), null, Stop);
        var index = RandomImage.Index(amd, arm);
        await Store.Manifests.PutIndexAsync(index, Name("app:v1"), arm.ConfigDescriptor.Digest, Stop);
        var found = Assert.IsType<ImageLookup.Found>(Store.Images.Find("app:v1"));
        Assert.Equal((arm.ConfigDescriptor.Digest, index.Digest), (found.Image, found.Manifest));
        Assert.Equal([amd.Manifest.Digest], Store.Manifests.AbsentOf(index.Digest).Select(absent => absent.Digest));
        Assert.Equal(arm.Manifest.Digest, (await ImageAssert.Valid(Medium(), ManifestKey.ByTag(Tag.Parse("v1")), Stop)).Digest);
        Assert.True((await Medium().GetManifestAsync(ManifestKey.ByDigest(index.Digest), Stop))!.Raw.Span.SequenceEqual(index.Raw.Span));
        Reopen();
        Assert.Empty((await Store.Maintenance.PruneAsync(new PruneOptions(), Stop)).Removed);

        await amd.WriteAsync(Medium(), null, Stop);
        Assert.Empty(Store.Manifests.AbsentOf(index.Digest));
        Assert.Equal(index.Digest, (await ImageAssert.Valid(Medium(), ManifestKey.ByTag(Tag.Parse("v1")), Stop)).Digest);
        var refused = await Assert.ThrowsAsync<InvalidImageException>(
            () => Store.Manifests.PutIndexAsync(index, Name("app:v2"), Digest.Of("none"u8), Stop));
        Assert.Contains("lists no image that is in the store", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Indexes_that_list_each_other_twice_are_looked_at_once_each()
    {
        var (amd, arm) = (RandomImage.Create(10), RandomImage.Create(11, platform: Platform.Parse("linux/arm64")));
        await arm.WriteAsync(Medium(), null, Stop);
        var index = RandomImage.Index(amd, arm);
        for (var level = 0; level < 40; level++)
        {
            await Store.Manifests.PutIndexAsync(index, Name("app:v1"), arm.ConfigDescriptor.Digest, Stop);
            var lists = ImageIndex.Create([index.Descriptor, index.Descriptor]);
            index = new StoredManifest(lists.Raw, lists.MediaType);
        }
        await Store.Manifests.PutIndexAsync(index, Name("app:v1"), arm.ConfigDescriptor.Digest, Stop);
        Assert.Equal([amd.Manifest.Digest], Store.Manifests.AbsentOf(index.Digest).Select(absent => absent.Digest));
        await amd.WriteAsync(Medium(), null, Stop);
        Assert.Empty(Store.Manifests.AbsentOf(index.Digest));
        Assert.Equal(index.Digest, (await Medium().GetManifestAsync(ManifestKey.ByTag(Tag.Parse("v1")), Stop))!.Digest);
    }

    [Fact]
    public async Task An_image_whose_manifest_has_lost_a_blob_gets_another_from_what_is_left()
    {
        var image = RandomImage.Create(5, layers: 1);
        await image.WriteAsync(Medium(), Tag.Parse("v1"), Stop);
        var diffId = image.Config.RootFs.DiffIds[0];
        await using (var pending = Store.Layers.Begin())
        {
            await using var tar = (await Store.Layers.OpenTarAsync(diffId, Stop))!;
            var index = Strata.Content.Layers.LayerIndexer.Index(new Copying(tar, pending.Tar), Strata.Content.Layers.IndexLimits.Default, Stop);
            await pending.CommitAsync(index, Stop);
        }
        Reopen();
        System.IO.File.Delete(new StoreFolders(Root).Blob(image.Layers[0].Digest));
        await Store.Maintenance.VerifyAsync(true, null, Stop);
        var other = await ImageAssert.Valid(Store.Medium(Name("app"), LayerEncoder.Gzip(1)), ManifestKey.ByTag(Tag.Parse("v1")), Stop);
        Assert.NotEqual(image.Manifest.Digest, other.Digest);
    }

    private sealed class Copying(Stream from, Stream to) : Strata.Content.Streams.ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            var count = from.Read(buffer);
            to.Write(buffer[..count]);
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
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

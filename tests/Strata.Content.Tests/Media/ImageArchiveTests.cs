using System.IO.Compression;
using System.Text;
using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Content.Tar;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Media;

public sealed class ImageArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ArchiveFormat.Oci)]
    [InlineData(ArchiveFormat.Docker)]
    public async Task What_was_written_comes_back_to_the_byte_with_its_names(ArchiveFormat format)
    {
        var (first, second, source) = (RandomImage.Create(1), RandomImage.Create(2), new MemoryMedium());
        await first.WriteAsync(source, null, Stop);
        await second.WriteAsync(source, null, Stop);
        var (one, alias, two) = (Reference.Parse("app:v1"), Reference.Parse("reg.example/team/app:v1"), Reference.Parse("localhost:5000/x:latest"));
        var bytes = await ArchiveOf.WriteAsync(format, (first.Manifest, source, one), (first.Manifest, source, alias), (second.Manifest, source, two));

        foreach (var archive in new[] { await ArchiveOf.OpenAsync(_folder, bytes), await ArchiveOf.TakeAsync(bytes), await ArchiveOf.TakeAsync(Gzip(bytes)) })
        {
            using (archive)
            {
                Assert.Equal([first.Manifest.Digest, second.Manifest.Digest], archive.Images.Select(image => image.Manifest.Digest));
                Assert.Equal([one, alias], archive.Images[0].Names);
                Assert.Equal([two], archive.Images[1].Names);
                Assert.Equal(first.Manifest.Digest, archive.Find("reg.example/team/app:v1")!.Manifest.Digest);
                Assert.Equal(second.Manifest.Digest, archive.Find("localhost:5000/x")!.Manifest.Digest);
                Assert.Null(archive.Find("app:v2"));
                var read = await ImageAssert.Valid(archive, ManifestKey.ByDigest(first.Manifest.Digest), Stop);
                Assert.True(read.Raw.Span.SequenceEqual(first.Manifest.Raw.Span));
                await ImageAssert.Valid(archive, ManifestKey.ByDigest(second.Manifest.Digest), Stop);
            }
        }
    }

    [Fact]
    public async Task What_is_called_just_so_comes_before_a_whole_name_with_that_tag()
    {
        var (named, tagged, source) = (RandomImage.Create(8), RandomImage.Create(9), new MemoryMedium());
        await named.WriteAsync(source, null, Stop);
        await tagged.WriteAsync(source, null, Stop);
        using var buffer = new MemoryStream();
        using var writer = new ImageArchiveWriter(buffer, ArchiveFormat.Oci);
        foreach (var (image, repository, written) in new[] { (named, Reference.Parse("app:v1"), "app:v1"), (tagged, null, "v1") })
        {
            var options = new CopyOptions { Tag = Tag.Parse("v1") };
            await ImageCopy.CopyAsync(source, writer.In(repository, written), image.Manifest, options, null, Stop);
        }
        await writer.CompleteAsync(Stop);
        using var archive = await ArchiveOf.OpenAsync(_folder, buffer.ToArray());
        Assert.Equal(tagged.Manifest.Digest, archive.Find("v1")!.Manifest.Digest);
        Assert.Equal(named.Manifest.Digest, archive.Find("app:v1")!.Manifest.Digest);
        Assert.Equal(named.Manifest.Digest, archive.Find("docker.io/library/app:v1")!.Manifest.Digest);
    }

    [Fact]
    public async Task The_same_images_give_the_same_archive_and_shared_layers_are_in_it_once()
    {
        var (image, source) = (RandomImage.Create(3), new MemoryMedium());
        await image.WriteAsync(source, null, Stop);
        var names = new[] { Reference.Parse("a:1"), Reference.Parse("b:1") };
        var archives = new List<byte[]>();
        for (var i = 0; i < 2; i++)
        {
            archives.Add(await ArchiveOf.WriteAsync(ArchiveFormat.Docker, [.. names.Select(name => (image.Manifest, (IImageReader)source, (Reference?)name))]));
        }
        Assert.Equal(Sorted(archives[0]), Sorted(archives[1]));
        Assert.Single(Sorted(archives[0]), name => name == $"blobs/sha256/{image.Layers[0].Digest.Hex}");
        using var reader = new TarReader(new MemoryStream(archives[0]), TarLimits.Default, Stop);
        while (reader.ReadNext() is { } header)
        {
            Assert.Equal((0, 0, 0), (header.UserId, header.GroupId, header.Modified.Seconds));
        }
    }

    [Fact]
    public async Task A_list_of_images_keeps_its_manifests_and_docker_sees_this_machines()
    {
        var (amd, arm, source) = (RandomImage.Create(4), RandomImage.Create(5, platform: Platform.Parse("linux/arm64")), new MemoryMedium());
        await amd.WriteAsync(source, null, Stop);
        await arm.WriteAsync(source, null, Stop);
        var index = RandomImage.Index(arm, amd);
        await source.PutManifestAsync(index, null, Stop);
        using var archive = await ArchiveOf.OpenAsync(_folder, await ArchiveOf.WriteAsync(ArchiveFormat.Docker, (index, source, Reference.Parse("multi:1"))));
        var only = Assert.Single(archive.Images);
        Assert.Equal(index.Digest, only.Manifest.Digest);
        await ImageAssert.Valid(archive, ManifestKey.ByDigest(index.Digest), Stop);
    }

    [Fact]
    public async Task What_an_index_lists_and_the_archive_does_not_have_is_left_out_of_a_sparse_copy()
    {
        var (amd, arm, source) = (RandomImage.Create(6), RandomImage.Create(7, platform: Platform.Parse("linux/arm64")), new MemoryMedium());
        await amd.WriteAsync(source, null, Stop);
        var index = RandomImage.Index(arm, amd);
        await source.PutManifestAsync(index, Tag.Latest, Stop);
        var target = new MemoryMedium();
        await Assert.ThrowsAsync<InvalidImageException>(() => ImageCopy.CopyAsync(source, target, index, new CopyOptions(), null, Stop));
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, target, index, new CopyOptions { Sparse = true }, null, Stop));
        await ImageAssert.Valid(target, ManifestKey.ByDigest(amd.Manifest.Digest), Stop);
        Assert.NotNull(await target.GetManifestAsync(ManifestKey.ByDigest(index.Digest), Stop));
        var none = RandomImage.Index(arm);
        await source.PutManifestAsync(none, Tag.Latest, Stop);
        await Assert.ThrowsAsync<InvalidImageException>(() => ImageCopy.CopyAsync(source, target, none, new CopyOptions { Sparse = true }, null, Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Docker_archives_with_a_folder_a_layer_and_links_between_them_are_read(bool hardLinks)
    {
        var image = RandomImage.Create(8);
        var tars = await ArchiveOf.TarsAsync(image);
        var config = image.ConfigDescriptor.Digest.Hex + ".json";
        var bytes = ArchiveOf.Entries(
            ArchiveOf.Entry("aaa/VERSION", "1.0"u8.ToArray()),
            ArchiveOf.Entry("aaa/json", "{}"u8.ToArray()),
            ArchiveOf.Entry("aaa/layer.tar", tars[0]),
            ArchiveOf.Entry("./store/real.tar", tars[1]),
            hardLinks ? ArchiveOf.Link("bbb/layer.tar", "store/real.tar", TarType.HardLink) : ArchiveOf.Link("bbb/layer.tar", "../store/./real.tar"),
            ArchiveOf.Entry(config, image.Blobs[0].Content),
            ArchiveOf.Entry("repositories", "{}"u8.ToArray()),
            ArchiveOf.Entry("manifest.json", ArchiveOf.List(config, ["aaa/layer.tar", "bbb/layer.tar"], "old:v1", "docker.io/library/old:v2")));
        foreach (var archive in new[] { await ArchiveOf.OpenAsync(_folder, bytes), await ArchiveOf.TakeAsync(bytes) })
        {
            using (archive)
            {
                var read = Assert.Single(archive.Images);
                Assert.True(read.IsMadeUp);
                Assert.Equal(["old:v1", "old:v2"], read.Names.Select(name => name.Familiar));
                await ImageAssert.Valid(archive, ManifestKey.ByDigest(read.Manifest.Digest), Stop);
                Assert.True(Manifest.TryParse(read.Manifest.Raw, read.Manifest.MediaType, out var manifest, out _));
                Assert.Equal(image.ConfigDescriptor.Digest, manifest.Config.Digest);
                Assert.Equal(image.Config.RootFs.DiffIds, manifest.Layers.Select(layer => layer.Digest));
            }
        }
    }

    [Fact]
    public async Task Docker_archives_with_compressed_layers_are_read()
    {
        var image = RandomImage.Create(9);
        var config = $"sha256:{image.ConfigDescriptor.Digest.Hex}";
        var names = image.Layers.Select(layer => layer.Digest.Hex + ".tar.gz").ToList();
        var bytes = ArchiveOf.Files(
        [
            (config, image.Blobs[0].Content),
            .. names.Zip(image.Blobs.Skip(1), (name, blob) => (name, blob.Content)),
            ("manifest.json", ArchiveOf.List(config, names)),
        ]);
        using var archive = await ArchiveOf.OpenAsync(_folder, bytes);
        var read = Assert.Single(archive.Images);
        Assert.Empty(read.Names);
        Assert.Equal(image.Manifest.Digest, read.Manifest.Digest);
        await ImageAssert.Valid(archive, ManifestKey.ByDigest(read.Manifest.Digest), Stop);
    }

    [Fact]
    public async Task A_layout_packed_by_hand_is_read_and_a_mere_tag_is_no_name()
    {
        var layout = _folder.File("layout");
        var image = RandomImage.Create(10);
        await image.WriteAsync(OciLayout.Create(layout), Tag.Parse("v1"), Stop);
        var files = Directory.GetFiles(layout, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => ("./" + Path.GetRelativePath(layout, file), File.ReadAllBytes(file)));
        using var archive = await ArchiveOf.OpenAsync(_folder, ArchiveOf.Files([.. files]));
        var read = Assert.Single(archive.Images);
        Assert.Empty(read.Names);
        Assert.Equal(["v1"], read.Tags);
        Assert.Same(read, archive.Find("v1"));
        await ImageAssert.Valid(archive, ManifestKey.ByTag(Tag.Parse("v1")), Stop);
    }

    [Fact]
    public async Task What_is_attached_to_an_image_is_copied_with_it_when_that_is_wanted()
    {
        var layout = OciLayout.Create(_folder.File("attached"));
        var image = RandomImage.Create(11);
        await image.WriteAsync(layout, Tag.Latest, Stop);
        var attached = Attached(image.Manifest.Descriptor, "a signature"u8.ToArray(), out var blob);
        await layout.PutBlobAsync(blob, new MemoryStream("a signature"u8.ToArray()), Stop);
        await layout.PutBlobAsync(Empty, new MemoryStream("{}"u8.ToArray()), Stop);
        await layout.PutManifestAsync(attached, null, Stop);
        var second = Attached(attached.Descriptor, "about the signature"u8.ToArray(), out var about);
        await layout.PutBlobAsync(about, new MemoryStream("about the signature"u8.ToArray()), Stop);
        await layout.PutManifestAsync(second, null, Stop);

        var (alone, whole) = (new MemoryMedium(), new MemoryMedium());
        await ImageCopy.CopyAsync(layout, alone, image.Manifest, new CopyOptions { Tag = Tag.Latest }, null, Stop);
        Assert.Null(await alone.GetManifestAsync(ManifestKey.ByDigest(attached.Digest), Stop));
        await ImageCopy.CopyAsync(layout, whole, image.Manifest, new CopyOptions { Tag = Tag.Latest, Referrers = true }, null, Stop);
        Assert.NotNull(await whole.GetManifestAsync(ManifestKey.ByDigest(attached.Digest), Stop));
        Assert.NotNull(await whole.GetManifestAsync(ManifestKey.ByDigest(second.Digest), Stop));
        Assert.Equal("a signature"u8.ToArray(), await ImageAssert.ReadBlob(whole, blob, Stop));
        Assert.Equal(image.Manifest.Digest, (await whole.GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop))!.Digest);
    }

    private static Descriptor Empty => new() { MediaType = MediaTypes.OciEmpty, Digest = Digest.Of("{}"u8), Size = 2 };

    private static StoredManifest Attached(Descriptor subject, byte[] content, out Descriptor blob)
    {
        blob = new Descriptor { MediaType = MediaTypes.OctetStream, Digest = Digest.Of(content), Size = content.Length };
        var text = $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","artifactType":"a/b","config":{"mediaType":"{{{Empty.MediaType}}}","digest":"{{{Empty.Digest}}}","size":2},"layers":[{"mediaType":"{{{blob.MediaType}}}","digest":"{{{blob.Digest}}}","size":{{{blob.Size}}}}],"subject":{"mediaType":"{{{subject.MediaType}}}","digest":"{{{subject.Digest}}}","size":{{{subject.Size}}}}}""";
        return new StoredManifest(Encoding.UTF8.GetBytes(text), MediaTypes.OciManifest);
    }

    private static List<string> Sorted(byte[] archive)
    {
        var names = new List<string>();
        using var reader = new TarReader(new MemoryStream(archive), TarLimits.Default, Stop);
        while (reader.ReadNext() is { } header)
        {
            names.Add(Encoding.UTF8.GetString(header.Name));
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }
        return buffer.ToArray();
    }
}

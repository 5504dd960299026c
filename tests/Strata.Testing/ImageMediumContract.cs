using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Testing;

/// <summary>
/// What every medium promises. A medium's tests derive from this and give an empty repository; each call of
/// <see cref="CreateAsync"/> is one that shares nothing with the last.
/// </summary>
public abstract class ImageMediumContract
{
    private static readonly Tag V1 = Tag.Parse("v1");
    private static readonly Tag V2 = Tag.Parse("v2");

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A repository without anything in it. It lives as long as the test.</summary>
    protected abstract Task<(IImageReader Reader, IImageWriter Writer)> CreateAsync();

    /// <summary>False where somebody else's program knows manifests by sha256 alone.</summary>
    protected virtual bool KeepsManifestsBySha512 => true;

    [Fact]
    public async Task What_was_put_comes_back_to_the_byte()
    {
        var (reader, writer) = await CreateAsync();
        var image = RandomImage.Create(1);
        await image.WriteAsync(writer, V1, Stop);

        var byTag = await ImageAssert.Valid(reader, ManifestKey.ByTag(V1), Stop);
        Assert.True(byTag.Raw.Span.SequenceEqual(image.Manifest.Raw.Span));
        Assert.Equal(image.Manifest.MediaType, byTag.MediaType);
        var byDigest = await ImageAssert.Valid(reader, ManifestKey.ByDigest(image.Manifest.Digest), Stop);
        Assert.True(byDigest.Raw.Span.SequenceEqual(image.Manifest.Raw.Span));
        foreach (var (descriptor, content) in image.Blobs)
        {
            Assert.Equal(content, await ImageAssert.ReadBlob(reader, descriptor, Stop));
        }
    }

    [Fact]
    public async Task What_was_never_put_is_not_there()
    {
        var (reader, writer) = await CreateAsync();
        var absent = RandomImage.Create(2);
        Assert.Null(await reader.GetManifestAsync(ManifestKey.ByTag(V1), Stop));
        Assert.Null(await reader.GetManifestAsync(ManifestKey.ByDigest(absent.Manifest.Digest), Stop));
        Assert.False(await writer.HasBlobAsync(absent.ConfigDescriptor, Stop));
        Assert.Null(await reader.OpenBlobAsync(absent.ConfigDescriptor, Stop));
    }

    [Fact]
    public async Task A_blob_that_was_put_is_there_and_putting_it_again_is_no_error()
    {
        var (reader, writer) = await CreateAsync();
        var (descriptor, content) = RandomImage.Create(3).Blobs[1];
        await writer.PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        await writer.PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        Assert.True(await writer.HasBlobAsync(descriptor, Stop));
        Assert.Equal(content, await ImageAssert.ReadBlob(reader, descriptor, Stop));
    }

    [Fact]
    public async Task An_empty_blob_is_a_blob()
    {
        var (reader, writer) = await CreateAsync();
        var empty = new Descriptor { MediaType = MediaTypes.OctetStream, Digest = Digest.Of([]), Size = 0 };
        await writer.PutBlobAsync(empty, Stream.Null, Stop);
        Assert.True(await writer.HasBlobAsync(empty, Stop));
        Assert.Empty(await ImageAssert.ReadBlob(reader, empty, Stop));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_blob_that_lies_about_its_digest_or_size_is_refused_and_leaves_nothing(int extraBytes)
    {
        var (reader, writer) = await CreateAsync();
        var (descriptor, content) = RandomImage.Create(4).Blobs[1];
        var wrong = content.ToArray();
        wrong[^1] ^= 1;
        Array.Resize(ref wrong, wrong.Length + extraBytes);
        await Assert.ThrowsAsync<ContentMismatchException>(async () => await writer.PutBlobAsync(descriptor, new MemoryStream(wrong), Stop));
        Assert.False(await writer.HasBlobAsync(descriptor, Stop));
        Assert.Null(await reader.OpenBlobAsync(descriptor, Stop));
    }

    [Fact]
    public async Task A_blob_whose_source_breaks_off_leaves_nothing_and_can_be_put_afterwards()
    {
        var (reader, writer) = await CreateAsync();
        var (descriptor, content) = RandomImage.Create(5, layerSize: 100_000).Blobs[1];
        await Assert.ThrowsAnyAsync<IOException>(async () => await writer.PutBlobAsync(descriptor, new BreakingStream(content, content.Length / 2), Stop));
        Assert.False(await writer.HasBlobAsync(descriptor, Stop));
        await writer.PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        Assert.Equal(content, await ImageAssert.ReadBlob(reader, descriptor, Stop));
    }

    [Fact]
    public async Task A_blob_opened_under_a_wrong_size_fails_before_its_end()
    {
        var (reader, writer) = await CreateAsync();
        var (descriptor, content) = RandomImage.Create(6).Blobs[1];
        await writer.PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        foreach (var size in new[] { descriptor.Size - 1, descriptor.Size + 1 })
        {
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                await using var opened = await reader.OpenBlobAsync(descriptor with { Size = size }, Stop);
                await opened!.CopyToAsync(Stream.Null, Stop);
            });
        }
    }

    [Fact]
    public async Task A_tag_moves_and_the_old_manifest_stays_under_its_digest()
    {
        var (reader, writer) = await CreateAsync();
        var (first, second) = (RandomImage.Create(7), RandomImage.Create(8));
        await first.WriteAsync(writer, V1, Stop);
        await first.WriteAsync(writer, V2, Stop);
        await second.WriteAsync(writer, V1, Stop);
        Assert.Equal(second.Manifest.Digest, (await reader.GetManifestAsync(ManifestKey.ByTag(V1), Stop))!.Digest);
        Assert.Equal(first.Manifest.Digest, (await reader.GetManifestAsync(ManifestKey.ByTag(V2), Stop))!.Digest);
        await ImageAssert.Valid(reader, ManifestKey.ByDigest(first.Manifest.Digest), Stop);
    }

    [Fact]
    public async Task An_image_without_a_tag_is_found_by_its_digest()
    {
        var (reader, writer) = await CreateAsync();
        var image = RandomImage.Create(9);
        await image.WriteAsync(writer, null, Stop);
        await ImageAssert.Valid(reader, ManifestKey.ByDigest(image.Manifest.Digest), Stop);
    }

    [Fact]
    public async Task A_list_of_images_is_copied_whole_and_each_platform_alone()
    {
        var (source, filled) = (new MemoryMedium(), new MemoryMedium());
        var amd = RandomImage.Create(10);
        var arm = RandomImage.Create(11, platform: Platform.Parse("linux/arm64"));
        await amd.WriteAsync(source, null, Stop);
        await arm.WriteAsync(source, null, Stop);
        var index = RandomImage.Index(amd, arm);
        await source.PutManifestAsync(index, V1, Stop);

        var (reader, writer) = await CreateAsync();
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, writer, ManifestKey.ByTag(V1), new CopyOptions { Tag = V1 }, null, Stop));
        var whole = await ImageAssert.Valid(reader, ManifestKey.ByTag(V1), Stop);
        Assert.Equal(index.Digest, whole.Digest);
        Assert.Equal(index.MediaType, whole.MediaType);

        var one = new CopyOptions { Tag = V2, Platform = Platform.Parse("linux/arm64") };
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(reader, filled, ManifestKey.ByTag(V1), one, null, Stop));
        Assert.Equal(arm.Manifest.Digest, (await ImageAssert.Valid(filled, ManifestKey.ByTag(V2), Stop)).Digest);
        Assert.Null(await filled.GetManifestAsync(ManifestKey.ByDigest(amd.Manifest.Digest), Stop));
    }

    [Fact]
    public async Task What_is_attached_to_an_image_is_listed_and_copied_with_it()
    {
        var source = new MemoryMedium();
        var image = RandomImage.Create(15);
        await image.WriteAsync(source, V1, Stop);
        var note = await RandomImage.AttachAsync(source, image.Manifest.Descriptor, "note", Stop);
        var onNote = await RandomImage.AttachAsync(source, note.Descriptor, "on the note", Stop);

        var (reader, writer) = await CreateAsync();
        var options = new CopyOptions { Tag = V1, Referrers = true };
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, writer, ManifestKey.ByTag(V1), options, null, Stop));
        var listing = Assert.IsAssignableFrom<IReferrerReader>(reader);
        Assert.Equal(note.Digest, Assert.Single(await listing.ListReferrersAsync(image.Manifest.Digest, Stop)).Digest);
        Assert.Empty(await listing.ListReferrersAsync(onNote.Digest, Stop));

        var end = new MemoryMedium();
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(reader, end, ManifestKey.ByTag(V1), options, null, Stop));
        foreach (var attached in new[] { note, onNote })
        {
            Assert.True((await end.GetManifestAsync(ManifestKey.ByDigest(attached.Digest), Stop))!.Raw.Span.SequenceEqual(attached.Raw.Span));
        }
    }

    [Fact]
    public async Task What_is_listed_by_its_sha512_is_kept_and_found_under_that_to_the_byte()
    {
        Assert.SkipUnless(KeepsManifestsBySha512, "it knows manifests by sha256 alone");
        var source = new MemoryMedium();
        var image = RandomImage.Create(16);
        foreach (var (descriptor, content) in image.Blobs)
        {
            await source.PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        }
        var config = image.Blobs[0].Content;
        var long512 = image.ConfigDescriptor with { Digest = ContentHasher.DigestOf(config, DigestAlgorithm.Sha512) };
        await source.PutBlobAsync(long512, new MemoryStream(config), Stop);
        var plain = Manifest.Create(long512, image.Layers);
        var child = new StoredManifest(plain.Raw, plain.MediaType).Under(ContentHasher.DigestOf(plain.Raw.Span, DigestAlgorithm.Sha512))!;
        await source.PutManifestAsync(child, null, Stop);
        var index = ImageIndex.Create([child.Descriptor with { Platform = image.Config.Platform }]);
        await source.PutManifestAsync(new StoredManifest(index.Raw, index.MediaType), V1, Stop);

        var (reader, writer) = await CreateAsync();
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, writer, ManifestKey.ByTag(V1), new CopyOptions { Tag = V1 }, null, Stop));
        Assert.Equal(index.Digest, (await ImageAssert.Valid(reader, ManifestKey.ByTag(V1), Stop)).Digest);
        var found = await reader.GetManifestAsync(ManifestKey.ByDigest(child.Digest), Stop);
        Assert.Equal(child.Digest, found!.Digest);
        Assert.True(found.Raw.Span.SequenceEqual(child.Raw.Span));
        Assert.Equal(config, await ImageAssert.ReadBlob(reader, long512, Stop));

        var end = new MemoryMedium();
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(reader, end, ManifestKey.ByDigest(child.Digest), new CopyOptions { Tag = V2 }, null, Stop));
        Assert.Equal(child.Digest, (await ImageAssert.Valid(end, ManifestKey.ByTag(V2), Stop)).Digest);
    }

    [Fact]
    public async Task Dockers_media_types_stay_as_they_were()
    {
        var (reader, writer) = await CreateAsync();
        var image = RandomImage.Create(12);
        var text = System.Text.Encoding.UTF8.GetString(image.Manifest.Raw.Span)
            .Replace(MediaTypes.OciManifest, MediaTypes.DockerManifest, StringComparison.Ordinal)
            .Replace(MediaTypes.OciConfig, MediaTypes.DockerConfig, StringComparison.Ordinal)
            .Replace(MediaTypes.OciLayerGzip, MediaTypes.DockerLayerGzip, StringComparison.Ordinal);
        var docker = new StoredManifest(System.Text.Encoding.UTF8.GetBytes(text), MediaTypes.DockerManifest);
        foreach (var (descriptor, content) in image.Blobs)
        {
            await writer.PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        }
        await writer.PutManifestAsync(docker, V1, Stop);
        var stored = await ImageAssert.Valid(reader, ManifestKey.ByTag(V1), Stop);
        Assert.Equal(MediaTypes.DockerManifest, stored.MediaType);
        Assert.Equal(docker.Digest, stored.Digest);
    }

    [Fact]
    public async Task Several_writers_of_the_same_blob_all_succeed()
    {
        var (reader, writer) = await CreateAsync();
        var (descriptor, content) = RandomImage.Create(13, layerSize: 300_000).Blobs[1];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () => await writer.PutBlobAsync(descriptor, new MemoryStream(content), Stop), Stop)));
        Assert.Equal(content, await ImageAssert.ReadBlob(reader, descriptor, Stop));
    }

    [Fact]
    public async Task Several_tags_put_at_once_are_all_kept()
    {
        var (reader, writer) = await CreateAsync();
        var image = RandomImage.Create(14);
        await image.WriteAsync(writer, null, Stop);
        var tags = Enumerable.Range(0, 8).Select(i => Tag.Parse($"t{i}")).ToList();
        await Task.WhenAll(tags.Select(tag => Task.Run(async () => await writer.PutManifestAsync(image.Manifest, tag, Stop), Stop)));
        foreach (var tag in tags)
        {
            Assert.Equal(image.Manifest.Digest, (await reader.GetManifestAsync(ManifestKey.ByTag(tag), Stop))?.Digest);
        }
    }
}

using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Media;

public sealed class ImageCopyTests
{
    private static readonly Tag V1 = Tag.Parse("v1");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_moves_each_blob_once_and_a_second_copy_moves_none()
    {
        var (source, target, events) = (new MemoryMedium(), new MemoryMedium(), new Events());
        var image = RandomImage.Create(1, layers: 3);
        await image.WriteAsync(source, V1, Stop);
        var options = new CopyOptions { Tag = V1 };

        var copied = Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, target, ManifestKey.ByTag(V1), options, events, Stop));
        Assert.Equal(image.Manifest.Digest, copied.Manifest.Digest);
        await ImageAssert.Valid(target, ManifestKey.ByTag(V1), Stop);
        Assert.Equal(4, events.Of<TransferEvent.Finished>().Count);
        foreach (var (blob, _) in image.Blobs)
        {
            Assert.Equal(blob.Size, events.Of<TransferEvent.Advanced>().Where(e => e.Blob == blob).Max(e => e.Bytes));
        }

        var again = new Events();
        await ImageCopy.CopyAsync(source, target, ManifestKey.ByTag(V1), options, again, Stop);
        Assert.Empty(again.Of<TransferEvent.Started>());
        Assert.Equal(4, again.Of<TransferEvent.Skipped>().Count);
    }

    [Fact]
    public async Task What_the_source_does_not_have_is_said_without_an_exception()
    {
        var result = await ImageCopy.CopyAsync(new MemoryMedium(), new MemoryMedium(), ManifestKey.ByTag(V1), new CopyOptions(), null, Stop);
        Assert.IsType<CopyResult.NotFound>(result);
    }

    [Fact]
    public async Task A_platform_that_is_not_offered_is_answered_with_those_that_are()
    {
        var source = new MemoryMedium();
        var image = RandomImage.Create(2);
        await image.WriteAsync(source, null, Stop);
        await source.PutManifestAsync(RandomImage.Index(image), V1, Stop);
        var options = new CopyOptions { Platform = Platform.Parse("linux/s390x") };
        var result = await ImageCopy.CopyAsync(source, new MemoryMedium(), ManifestKey.ByTag(V1), options, null, Stop);
        var missing = Assert.IsType<CopyResult.NoSuchPlatform>(result);
        Assert.Equal(["linux/amd64"], missing.Offered.Select(p => p.ToString()));
    }

    [Fact]
    public async Task A_missing_blob_fails_the_copy_and_leaves_no_tag()
    {
        var (source, target) = (new MemoryMedium(), new MemoryMedium());
        var image = RandomImage.Create(3, layers: 1);
        await source.PutBlobAsync(image.ConfigDescriptor, new MemoryStream(image.Blobs[0].Content), Stop);
        await source.PutManifestAsync(image.Manifest, V1, Stop);
        var error = await Assert.ThrowsAsync<InvalidImageException>(
            () => ImageCopy.CopyAsync(source, target, ManifestKey.ByTag(V1), new CopyOptions { Tag = V1 }, null, Stop));
        Assert.Contains(image.Layers[0].Digest.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Empty(target.Tags);
    }

    [Fact]
    public async Task A_source_that_hands_out_other_bytes_is_caught()
    {
        var target = new MemoryMedium();
        var image = RandomImage.Create(4);
        var source = new LyingMedium(image);
        await Assert.ThrowsAsync<ContentMismatchException>(
            () => ImageCopy.CopyAsync(source, target, ManifestKey.ByTag(V1), new CopyOptions { Tag = V1 }, null, Stop));
        var error = await Assert.ThrowsAsync<InvalidImageException>(
            () => ImageCopy.CopyAsync(source, target, ManifestKey.ByDigest(Digest.Of([9])), new CopyOptions(), null, Stop));
        Assert.Contains(Digest.Of([9]).ToString(), error.Message, StringComparison.Ordinal);
        Assert.Empty(target.Tags);
    }

    [Fact]
    public async Task Lists_nested_too_deep_are_refused()
    {
        var source = new MemoryMedium();
        var image = RandomImage.Create(5);
        await image.WriteAsync(source, null, Stop);
        var top = image.Manifest;
        for (var i = 0; i < 12; i++)
        {
            var index = ImageIndex.Create([top.Descriptor]);
            top = new StoredManifest(index.Raw, index.MediaType);
            await source.PutManifestAsync(top, null, Stop);
        }
        var error = await Assert.ThrowsAsync<InvalidImageException>(
            () => ImageCopy.CopyAsync(source, new MemoryMedium(), ManifestKey.ByDigest(top.Digest), new CopyOptions(), null, Stop));
        Assert.Equal("The index nests more than 8 lists.", error.Message);
    }

    [Fact]
    public async Task An_index_that_lies_about_the_size_of_what_it_lists_is_refused()
    {
        var source = new MemoryMedium();
        var image = RandomImage.Create(7);
        await image.WriteAsync(source, null, Stop);
        foreach (var (size, said) in new[] { (image.Manifest.Raw.Length - 1L, "it has"), (Manifest.MaxSize + 1L, "a manifest has") })
        {
            var index = ImageIndex.Create([image.Manifest.Descriptor with { Size = size }]);
            Assert.Contains(said, await RefusedAsync(source, index), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_manifest_than_the_index_lists_is_refused()
    {
        var image = RandomImage.Create(10);
        var index = ImageIndex.Create([image.Manifest.Descriptor with { Digest = Digest.Of([1]) }]);
        var root = new StoredManifest(index.Raw, index.MediaType);
        var error = await Assert.ThrowsAsync<InvalidImageException>(
            () => ImageCopy.CopyAsync(new LyingMedium(image), new MemoryMedium(), root, new CopyOptions(), null, Stop));
        Assert.Contains($"{Digest.Of([1])}; what was delivered for it is {image.Manifest.Digest}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_with_two_sizes_is_refused()
    {
        var source = new MemoryMedium();
        var (one, two) = (RandomImage.Create(8), RandomImage.Create(8).Layers[0] with { Size = 1 });
        await one.WriteAsync(source, null, Stop);
        var manifest = Manifest.Create(one.ConfigDescriptor, [one.Layers[0], two]);
        var error = await Assert.ThrowsAsync<InvalidImageException>(
            () => ImageCopy.CopyAsync(source, new MemoryMedium(), new StoredManifest(manifest.Raw, manifest.MediaType), new CopyOptions(), null, Stop));
        Assert.Contains("listed with two sizes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_without_end_are_refused()
    {
        var source = new MemoryMedium();
        var image = RandomImage.Create(9, layers: 0);
        await image.WriteAsync(source, null, Stop);
        var entries = new List<Descriptor>();
        for (var i = 0; i < 1001; i++)
        {
            var manifest = Manifest.Create(image.ConfigDescriptor, [], new Dictionary<string, string> { ["number"] = $"{i}" });
            await source.PutManifestAsync(new StoredManifest(manifest.Raw, manifest.MediaType), null, Stop);
            entries.Add(manifest.Descriptor);
        }
        Assert.Contains("more than 1,000 manifests", await RefusedAsync(source, ImageIndex.Create(entries)), StringComparison.Ordinal);
        var attached = new AttachingMedium(source, entries);
        var error = await Assert.ThrowsAsync<InvalidImageException>(
            () => ImageCopy.CopyAsync(attached, new MemoryMedium(), image.Manifest, new CopyOptions { Referrers = true }, null, Stop));
        Assert.Contains("More than 1,000 manifests are attached", error.Message, StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(MemoryMedium source, ImageIndex index)
    {
        var root = new StoredManifest(index.Raw, index.MediaType);
        return (await Assert.ThrowsAsync<InvalidImageException>(() => ImageCopy.CopyAsync(source, new MemoryMedium(), root, new CopyOptions(), null, Stop))).Message;
    }

    [Fact]
    public async Task A_target_that_mounts_is_asked_before_bytes_move()
    {
        var (source, events) = (new MemoryMedium(), new Events());
        var image = RandomImage.Create(6);
        await image.WriteAsync(source, V1, Stop);
        var target = new MountingMedium();
        await ImageCopy.CopyAsync(source, target, ManifestKey.ByTag(V1), new CopyOptions { Tag = V1 }, events, Stop);
        Assert.All(events.Of<TransferEvent.Skipped>(), e => Assert.Equal("library/base", e.MountedFrom));
        Assert.Equal(image.Blobs.Count, events.Of<TransferEvent.Skipped>().Count);
    }

    private sealed class Events : IProgress<TransferEvent>
    {
        private readonly List<TransferEvent> _events = [];

        public List<T> Of<T>()
        {
            lock (_events)
            {
                return [.. _events.OfType<T>()];
            }
        }

        public void Report(TransferEvent value)
        {
            lock (_events)
            {
                _events.Add(value);
            }
        }
    }

    private sealed class LyingMedium(RandomImage image) : IImageReader
    {
        public ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken) =>
            ValueTask.FromResult<StoredManifest?>(image.Manifest);

        public ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) =>
            ValueTask.FromResult<Stream?>(new MemoryStream(new byte[blob.Size]));
    }

    private sealed class AttachingMedium(MemoryMedium source, IReadOnlyList<Descriptor> attached) : IImageReader, IReferrerReader
    {
        public ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken) => source.GetManifestAsync(key, cancellationToken);

        public ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) => source.OpenBlobAsync(blob, cancellationToken);

        public ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken) => ValueTask.FromResult(attached);
    }

    private sealed class MountingMedium : IImageWriter, IBlobMounter
    {
        public ValueTask<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken) => ValueTask.FromResult(false);

        public ValueTask<string?> TryMountAsync(Descriptor blob, CancellationToken cancellationToken) => ValueTask.FromResult<string?>("library/base");

        public ValueTask PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The blob was mounted already.");

        public ValueTask PutManifestAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}

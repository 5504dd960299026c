using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Testing;

public static class ImageAssert
{
    /// <summary>
    /// The medium holds a whole image under <paramref name="key"/>: every manifest of a list, every blob to its last byte, every
    /// gzip or zstd layer unpacking to the diff id that the config gives it. Gives back the manifest.
    /// </summary>
    public static async Task<StoredManifest> Valid(IImageReader medium, ManifestKey key, CancellationToken cancellationToken)
    {
        var stored = await medium.GetManifestAsync(key, cancellationToken);
        Assert.NotNull(stored);
        if (MediaTypes.IsIndex(stored.MediaType))
        {
            Assert.True(ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out var indexProblem), indexProblem);
            foreach (var child in index.Manifests)
            {
                await Valid(medium, ManifestKey.ByDigest(child.Digest), cancellationToken);
            }
            return stored;
        }
        Assert.True(Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out var problem), problem);
        var configBytes = await ReadBlob(medium, manifest.Config, cancellationToken);
        Assert.True(ImageConfig.TryParse(configBytes, out var config, out var configProblem), configProblem);
        Assert.Equal(manifest.Layers.Count, config.RootFs.DiffIds.Count);
        foreach (var (layer, diffId) in manifest.Layers.Zip(config.RootFs.DiffIds))
        {
            var compressed = await ReadBlob(medium, layer, cancellationToken);
            await using var tar = LayerDecompression.Open(new MemoryStream(compressed));
            using var hasher = new ContentHasher(diffId.Algorithm);
            var buffer = new byte[64 * 1024];
            while (await tar.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                hasher.Append(buffer.AsSpan(0, read));
            }
            Assert.Equal(diffId, hasher.Current());
        }
        return stored;
    }

    public static async Task<byte[]> ReadBlob(IImageReader medium, Descriptor blob, CancellationToken cancellationToken)
    {
        await using var content = await medium.OpenBlobAsync(blob, cancellationToken);
        Assert.NotNull(content);
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        var bytes = buffer.ToArray();
        Assert.Equal(blob.Digest, ContentHasher.DigestOf(bytes, blob.Digest.Algorithm));
        return bytes;
    }
}

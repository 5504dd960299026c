using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Host.Registries;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Fetches an image from its registry into the store, under the name it was asked for.</summary>
public sealed class PullImage(LocalStore store, RegistryAccess registries)
{
    internal const string LocalRegistry = "localhost";

    public async Task<StoredImage> RunAsync(Reference name, Platform platform, IProgress<TransferEvent> progress, CancellationToken cancellationToken)
    {
        if (name.Registry == LocalRegistry)
        {
            // Nothing listens at "localhost" without a port; it is how images made here are called.
            throw new StrataException($"there is no image {name.Familiar} in the store, and {LocalRegistry}/ names are this machine's own", "`strata images` lists what is there");
        }
        var target = store.Medium(name, LayerEncoder.Default);
        // Behind a digest a tag is only a remark: what it means here is not touched.
        var options = new CopyOptions { Platform = platform, Tag = name.Digest is null ? name.Tag : null };
        var result = await registries.ReachAsync(
            $"pulling {name.Familiar}", name, repository => ImageCopy.CopyAsync(repository, target, ManifestKey.Of(name), options, progress, cancellationToken));
        switch (result)
        {
            case CopyResult.Copied copied:
                if (name.Digest is not null)
                {
                    await store.Manifests.PutAsync(copied.Manifest, name, cancellationToken);
                }
                var found = store.Names.Find(name);
                return found is { } meant && store.Images.Get(meant.Image) is { } image
                    ? image
                    : throw new StrataException($"{name.Familiar} was pulled, but is no image that can be used here");
            case CopyResult.NotFound:
                throw new StrataException($"there is no {name.Familiar} at {name.Registry}", $"`strata tags {name.FamiliarName}` lists what is there; a private repository may need `strata login {name.Registry}`");
            case CopyResult.NoSuchPlatform none:
                throw new StrataException(
                    $"{name.Familiar} is not made for {none.Wanted}; there is {string.Join(", ", none.Offered)}", "choose one with --platform, though it will not run here");
            default:
                throw new InvalidOperationException($"An unknown end of a copy: {result}");
        }
    }
}

using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Host.Registries;
using Strata.Oci;
using Strata.Remote;
using Strata.Remote.Retrying;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Fetches an image from its registry into the store, under the name it was asked for.</summary>
public sealed class PullImage(LocalStore store, RegistryAccess registries)
{
    /// <summary>
    /// The name that a text means: <c>[aliases]</c> of registries.conf count. Where that file can't be read, what is in the store by the plain
    /// name is meant.
    /// </summary>
    public Reference NameOf(string text)
    {
        try
        {
            return registries.NameOf(text);
        }
        catch (RegistryConfigurationException) when (Reference.TryParse(text, out var plain) && store.Names.Find(plain.WithDefaultTag()) is not null)
        {
            return plain;
        }
    }

    public Task<StoredImage> RunAsync(Reference name, Platform platform, IProgress<TransferEvent> progress, CancellationToken cancellationToken) =>
        RunAsync(new PullRequest { Name = name, Platform = platform }, progress, cancellationToken);

    /// <summary>The image here, or fetched, as <paramref name="policy"/> says. Fetching goes on with the image here being used elsewhere.</summary>
    public async Task<StoredImage> GetAsync(PullRequest request, PullPolicy policy, IProgress<TransferEvent> progress, CancellationToken cancellationToken)
    {
        if (policy != PullPolicy.Always
            && store.Names.Find(request.Name) is { } target
            && store.Images.Get(target.Image) is { } here
            && (!request.IsPlatformRequired || request.Platform.Matches(here.Config.Platform))
            && await store.Images.LeaseAsync(here.Id, cancellationToken))
        {
            return here;
        }
        return policy == PullPolicy.Never
            ? throw new StrataException($"there is no image {request.Name.Familiar} in the store, and it is not to be pulled", $"`strata pull {request.Name.Familiar}` fetches it; --pull missing does so when needed")
            : await RunAsync(request, progress, cancellationToken);
    }

    /// <param name="progress">Where it takes notices of retries too, it gets them.</param>
    public async Task<StoredImage> RunAsync(PullRequest request, IProgress<TransferEvent> progress, CancellationToken cancellationToken)
    {
        var name = request.Name;
        if (name.IsOfThisMachine)
        {
            throw new StrataException($"there is no image {name.Familiar} in the store, and {name.Registry}/ names are this machine's own", "`strata images` lists what is there");
        }
        var target = store.Medium(name, LayerEncoder.Default);
        var options = new CopyOptions { Platform = request.Platform };
        var reach = new Reach
        {
            IsInsecure = request.IsInsecure,
            FetchesForeignLayers = request.FetchesForeignLayers,
            Retries = progress as IProgress<RetryNotice>,
        };
        StoredManifest? root = null;
        var result = await registries.ReadAsync(
            $"pulling {name.Familiar}", name, reach,
            async source =>
            {
                var vetted = new VettedSource(source, request.IsPlatformRequired ? request.Platform : null);
                root = await vetted.GetManifestAsync(ManifestKey.Of(name), cancellationToken);
                return await ImageCopy.CopyAsync(vetted, target, ManifestKey.Of(name), options, progress, cancellationToken);
            });
        switch (result)
        {
            case CopyResult.Copied copied:
                // Behind a digest a tag is only a remark: what it means here is not touched.
                await NameAsync(name, root!, copied.Manifest, cancellationToken);
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

    /// <summary>The name stands for what it stands for in the registry: for an index the whole of it, though one platform's image alone is here.</summary>
    private async Task NameAsync(Reference name, StoredManifest root, StoredManifest copied, CancellationToken cancellationToken)
    {
        var isListed = MediaTypes.IsIndex(root.MediaType) && ImageIndex.TryParse(root.Raw, root.MediaType, out var index, out _)
            && index.Manifests.Any(child => child.Digest == copied.Digest);
        if (isListed && Manifest.TryParse(copied.Raw, copied.MediaType, out var manifest, out _))
        {
            await store.Manifests.PutIndexAsync(root, name, manifest.Config.Digest, cancellationToken);
        }
        else
        {
            await store.Manifests.PutAsync(copied, name, cancellationToken);
        }
        await store.Manifests.NoteOriginAsync(isListed ? root.Digest : copied.Digest, name);
    }
}

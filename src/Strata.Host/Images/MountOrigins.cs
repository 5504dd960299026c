using Strata.Content.Media;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>
/// Which other repository of the same registry has a blob, as far as the names of the store tell: it need not be sent then. A guess
/// that is wrong costs nothing, since the registry then begins the upload that would have been asked for next.
/// </summary>
internal sealed class MountOrigins
{
    private const int MaxNames = 200;
    private readonly Lazy<Dictionary<Digest, RepositoryName>> _origins;

    public MountOrigins(LocalStore store, Reference target) => _origins = new(() => Read(store, target));

    public RepositoryName? Find(Descriptor blob) => _origins.Value.TryGetValue(blob.Digest, out var origin) ? origin : null;

    private static Dictionary<Digest, RepositoryName> Read(LocalStore store, Reference target)
    {
        var origins = new Dictionary<Digest, RepositoryName>();
        var names = store.Images.List().SelectMany(image => image.Names).Select(name => name.Reference)
            .Where(name => name.Registry == target.Registry && name.Repository != target.Repository);
        foreach (var name in names.Take(MaxNames))
        {
            if (store.Names.Find(name)?.Manifest is { } digest && store.Manifests.Find(digest) is { } stored)
            {
                foreach (var blob in LayersOf(store, stored))
                {
                    origins.TryAdd(blob.Digest, name.Repository);
                }
            }
        }
        return origins;
    }

    // A name that was pulled stands for the index of its platforms, of which those that are here tell their layers.
    private static IEnumerable<Descriptor> LayersOf(LocalStore store, StoredManifest stored)
    {
        if (Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out _))
        {
            return manifest.Layers;
        }
        return ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out _)
            ? index.Manifests.Select(child => store.Manifests.Find(child.Digest)).OfType<StoredManifest>()
                .SelectMany(child => Manifest.TryParse(child.Raw, child.MediaType, out var image, out _) ? image.Layers : [])
            : [];
    }
}

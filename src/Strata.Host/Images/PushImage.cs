using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Host.Registries;
using Strata.Oci;
using Strata.Remote;
using Strata.Remote.Retrying;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Sends an image of the store to the registry that its name says.</summary>
public sealed class PushImage(LocalStore store, RegistryAccess registries)
{
    /// <summary>What the registry has now: the manifest's digest and its size in bytes.</summary>
    /// <param name="name">With a tag.</param>
    /// <param name="isInsecure">Take any certificate of the registry, and plain HTTP.</param>
    /// <param name="progress">Where it takes notices of retries too, it gets them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<Descriptor> RunAsync(Reference name, bool isInsecure, IProgress<TransferEvent> progress, CancellationToken cancellationToken) =>
        RunAsync(name, null, isInsecure, progress, cancellationToken);

    /// <param name="name">With a tag.</param>
    /// <param name="form">What layers are compressed with; null leaves what is compressed as it is.</param>
    /// <param name="isInsecure">Take any certificate of the registry, and plain HTTP.</param>
    /// <param name="progress">Where it takes notices of retries too, it gets them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<Descriptor> RunAsync(
        Reference name, LayerForm? form, bool isInsecure, IProgress<TransferEvent> progress, CancellationToken cancellationToken)
    {
        if (name.IsOfThisMachine)
        {
            throw new StrataException($"{name.Familiar} names no registry", $"give the image a name that does: strata tag {name.Familiar} REGISTRY/{name.Repository}, then push that");
        }
        if (store.Names.Find(name) is null)
        {
            // Says which near name there is.
            new ImageFinder(store).Get(name.Familiar);
        }
        var stored = new StoreMedium(store, name, LayerEncoder.Default) { LayersAsKept = form is not null };
        IImageReader source = form is null ? stored : new RecodedImage(stored, new StoreRecoder(store), form);
        var root = await StoredContent.WholeAsync(name.Familiar, source.GetManifestAsync(ManifestKey.Of(name), cancellationToken).AsTask());
        var neighbours = new MountOrigins(store, name);
        var reach = new Reach { IsInsecure = isInsecure, Retries = progress as IProgress<RetryNotice> };
        var result = root is null ? new CopyResult.NotFound() : await registries.ReachAsync(
            $"pushing {name.Familiar}", name, reach,
            repository => StoredContent.WholeAsync(name.Familiar, ImageCopy.CopyAsync(
                source,
                repository.ReadingAgainFrom(source).MountingFrom(neighbours.Find),
                root,
                new CopyOptions { Tag = name.Tag },
                progress,
                cancellationToken)));
        if (result is CopyResult.Copied copied)
        {
            if (store.Manifests.Find(copied.Manifest.Digest) is not null)
            {
                await store.Manifests.NoteOriginAsync(copied.Manifest.Digest, name);
                await store.Names.KnowManifestAsync(name, copied.Manifest.Digest);
            }
            return copied.Manifest.Descriptor;
        }
        throw new StrataException($"{name.Familiar} is not whole in the store", "`strata system verify` says what is missing; pull or build it again");
    }

    /// <summary>
    /// The platforms that a name stands for in its registry, and that were not pulled: where there are some, the image is pushed without the
    /// list that names them.
    /// </summary>
    public IReadOnlyList<Platform> AbsentPlatforms(Reference name) =>
        store.Names.Find(name)?.Manifest is { } manifest
            ? [.. store.Manifests.AbsentOf(manifest).Select(child => child.Platform).OfType<Platform>().Where(platform => platform.Os != "unknown")]
            : [];

    /// <summary>How many manifests of the store are attached to what was pushed, to what a list of it names, or to one another: a push leaves them.</summary>
    public int AttachedTo(Digest pushed)
    {
        var (seen, waiting) = (new HashSet<Digest> { pushed }, new Queue<Digest>([pushed]));
        var attached = 0;
        while (waiting.TryDequeue(out var digest))
        {
            foreach (var referrer in store.Manifests.ReferrersOf(digest).Where(referrer => seen.Add(referrer.Digest)))
            {
                attached++;
                waiting.Enqueue(referrer.Digest);
            }
            if (store.Manifests.Find(digest) is { } stored && MediaTypes.IsIndex(stored.MediaType) && ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out _))
            {
                index.Manifests.Where(child => seen.Add(child.Digest)).ToList().ForEach(child => waiting.Enqueue(child.Digest));
            }
        }
        return attached;
    }
}

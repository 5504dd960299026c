using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Configuration;
using Strata.Remote.Retrying;

namespace Strata.Remote;

/// <summary>
/// A repository with mirrors: each is asked in turn, and the last place, the repository's own, decides. Blobs come from where the
/// manifest came from; what that does not have, or does not give, is looked for at the others, since a digest means the same everywhere.
/// </summary>
internal sealed class MirroredRepository(IReadOnlyList<(RemoteRepository Place, MirrorUse Use)> places, IProgress<RetryNotice>? notices) : IRepositorySource
{
    private volatile RemoteRepository? _good;

    public async ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        var wanted = key.Digest is null ? MirrorUse.TagsOnly : MirrorUse.DigestsOnly;
        var (found, place) = await AskAsync(
            places.Where(place => place.Use == MirrorUse.All || place.Use == wanted).Select(place => place.Place).OrderBy(place => key.Digest is null || place != _good),
            place => place.GetManifestAsync(key, cancellationToken),
            cancellationToken);
        if (found is not null)
        {
            _good = place;
        }
        return found;
    }

    public async ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) =>
        (await AskAsync(places.Select(place => place.Place).OrderBy(place => place != _good), place => place.OpenBlobAsync(blob, cancellationToken), cancellationToken)).Found;

    /// <summary>From the first place that has any: mirrors often leave them out.</summary>
    public async ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        (await AskAsync(
            places.Where(place => place.Use != MirrorUse.TagsOnly).Select(place => place.Place).OrderBy(place => place != _good),
            async place => await place.ListReferrersAsync(subject, cancellationToken) is { Count: > 0 } found ? found : null,
            cancellationToken)).Found ?? [];

    /// <summary>A mirror that is for digests alone knows nothing of tags that counts.</summary>
    public async Task<IReadOnlyList<Tag>> AllTagsAsync(CancellationToken cancellationToken) =>
        (await AskAsync(
            places.Where(place => place.Use != MirrorUse.DigestsOnly).Select(place => place.Place).OrderBy(place => place != _good),
            async place => await place.AllTagsAsync(cancellationToken),
            cancellationToken)).Found ?? [];

    private async ValueTask<(T? Found, RemoteRepository? Place)> AskAsync<T>(
        IEnumerable<RemoteRepository> order, Func<RemoteRepository, ValueTask<T?>> ask, CancellationToken cancellationToken)
        where T : class
    {
        RegistryException? own = null;
        foreach (var place in order)
        {
            try
            {
                if (await ask(place) is { } found)
                {
                    return (found, place);
                }
            }
            catch (Exception e) when (e is RegistryException or InvalidImageException or RegistryConfigurationException or ContentTooLargeException or HttpRequestException && !cancellationToken.IsCancellationRequested)
            {
                if (place == places[^1].Place)
                {
                    own = e as RegistryException ?? new RegistryException(e.Message, e);
                    continue;
                }
                notices?.Report(new RetryNotice(place.Registry, $"the mirror {place.Registry}/{place.Name}", e.Message.TrimEnd('.'), 1, places.Count, TimeSpan.Zero));
            }
        }
        return own is null ? (null, null) : throw own;
    }
}

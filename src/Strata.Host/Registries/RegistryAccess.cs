using System.Net;
using System.Runtime.CompilerServices;
using Strata.Content;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Host.Certificates;
using Strata.Oci;
using Strata.Remote;
using Strata.Remote.Credentials;

namespace Strata.Host.Registries;

/// <summary>The registries that this machine reaches, with the logins that docker's configuration file keeps.</summary>
public sealed class RegistryAccess : IDisposable
{
    private static readonly HashSet<string> NoInsecureHosts = [];
    private readonly SocketsHttpHandler _handler;
    private readonly DockerConfigFile _logins;
    private readonly RegistryClient _client;
    private readonly TimeProvider _time;

    public RegistryAccess(HostEnvironment environment)
    {
        CaBundle.Announce(environment);
        _time = environment.Time;
        _logins = DockerConfigFile.Locate(environment.Variable);
        _handler = RegistryClient.CreateHandler(NoInsecureHosts);
        _client = new RegistryClient(_handler, new RegistryClientOptions { Credentials = _logins, Time = _time });
    }

    /// <summary>Does something with a repository; what goes wrong there is told with <paramref name="doing"/> ("pushing app:1") in front.</summary>
    public async Task<T> ReachAsync<T>(string doing, Reference name, Func<RemoteRepository, Task<T>> use)
    {
        try
        {
            return await use(_client.Repository(name));
        }
        catch (RegistryException e)
        {
            throw new StrataException($"{doing}: {e.Message}", e.Hint, e);
        }
        catch (Exception e) when (e is ContentMismatchException or InvalidImageException or CredentialException)
        {
            throw new StrataException($"{doing}: {e.Message}", inner: e);
        }
    }

    /// <summary>Checks a name and password with the registry, and keeps them when they are good; where they are kept.</summary>
    public async Task<string> LoginAsync(string registry, string user, string password, CancellationToken cancellationToken)
    {
        var credential = new Credential.Basic(user, new Secret(password));
        using var client = new RegistryClient(_handler, new RegistryClientOptions { Credentials = new GivenCredential(registry, credential), Time = _time });
        try
        {
            await client.PingAsync(registry, cancellationToken);
            return await _logins.LoginAsync(registry, credential, cancellationToken);
        }
        catch (RegistryException e) when (e.Status == HttpStatusCode.Unauthorized)
        {
            throw new StrataException($"{registry} does not take this name and password", inner: e);
        }
        catch (RegistryException e)
        {
            throw new StrataException($"logging in at {registry}: {e.Message}", e.Hint, e);
        }
    }

    /// <summary>False when nobody was logged in.</summary>
    public Task<bool> LogoutAsync(string registry, CancellationToken cancellationToken) => _logins.LogoutAsync(registry, cancellationToken);

    /// <summary>The tags in the registry's order; with <paramref name="details"/> each one's manifest is read too.</summary>
    public async IAsyncEnumerable<TagView> TagsAsync(Reference reference, bool details, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var repository = _client.Repository(reference);
        await using var tags = repository.ListTagsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await ReachAsync($"listing the tags of {reference.FamiliarName}", reference, _ => tags.MoveNextAsync().AsTask()))
        {
            yield return details
                ? await ReachAsync($"reading {reference.FamiliarName}:{tags.Current}", reference, r => ViewAsync(r, tags.Current, cancellationToken))
                : new TagView(tags.Current, null, null);
        }
    }

    /// <summary>The latest change first.</summary>
    public Task<IReadOnlyList<TagChange>> TagHistoryAsync(Reference name, CancellationToken cancellationToken) =>
        ReachAsync($"reading the history of {name.Familiar}", name, repository => repository.TagHistoryAsync(name.Tag ?? Tag.Latest, cancellationToken));

    /// <param name="to">Null: what the tag meant before its last change.</param>
    public Task<(Digest? From, Digest To)> RollbackAsync(Reference name, Digest? to, CancellationToken cancellationToken) =>
        ReachAsync($"rolling back {name.Familiar}", name, repository => repository.RollbackTagAsync(name.Tag ?? Tag.Latest, to, cancellationToken));

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    private static async Task<TagView> ViewAsync(RemoteRepository repository, Tag tag, CancellationToken cancellationToken)
    {
        var stored = await repository.GetManifestAsync(ManifestKey.ByTag(tag), cancellationToken);
        long? size = stored is not null && Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out _)
            ? manifest.Config.Size + manifest.Layers.Sum(layer => layer.Size)
            : null;
        return new TagView(tag, stored?.Descriptor, size);
    }
}

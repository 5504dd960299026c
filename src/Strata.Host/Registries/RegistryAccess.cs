using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Strata.Content;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Host.Certificates;
using Strata.Oci;
using Strata.Remote;
using Strata.Remote.Certificates;
using Strata.Remote.Configuration;
using Strata.Remote.Credentials;

namespace Strata.Host.Registries;

/// <summary>The registries that this machine reaches, with the logins that it keeps.</summary>
public sealed class RegistryAccess : IDisposable
{
    private const string TimeoutVariable = "STRATA_REGISTRY_TIMEOUT";
    private const int LongestTimeout = 24 * 60 * 60;

    // Read when a registry is first needed: a slip in registries.conf is nothing to whoever works with images that are here.
    private readonly Lazy<HttpMessageHandler> _handler;
    private readonly Lazy<RegistryRules> _rules;
    private readonly Lazy<MachineLogins> _logins;
    private readonly Lazy<RegistryClientOptions> _options;
    private readonly Lazy<RegistryClient> _client;

    public RegistryAccess(HostEnvironment environment)
    {
        _rules = new Lazy<RegistryRules>(() => RegistriesConf.Locate(environment.Variable));
        _logins = new Lazy<MachineLogins>(() => new MachineLogins(
            CredentialFiles.Locate(environment.Variable, Linux.Credentials.EffectiveUserId), _rules.Value.CredentialHelpers, environment.Variable("PATH")));
        _handler = new Lazy<HttpMessageHandler>(() =>
        {
            CaBundle.Announce(environment);
            return RegistryClient.CreateHandler(environment.Variable, new CertificateFolders(CertificateRoots(environment)));
        });
        _options = new Lazy<RegistryClientOptions>(() => new RegistryClientOptions
        {
            Credentials = _logins.Value,
            Rules = _rules.Value,
            Time = environment.Time,
            IdleTimeout = IdleTimeout(environment.Variable(TimeoutVariable)),
        });
        _client = new Lazy<RegistryClient>(() => new RegistryClient(_handler.Value, _options.Value));
    }

    /// <summary>The name that a text means: <c>[aliases]</c> of registries.conf count.</summary>
    public Reference NameOf(string text) => _rules.Value.TryParseName(text, out var reference, out var problem)
        ? reference
        : throw new StrataException($"'{text}' is no image reference: {problem}");

    /// <summary>Does something with a repository; what goes wrong there is told with <paramref name="doing"/> ("pushing app:1") in front.</summary>
    public Task<T> ReachAsync<T>(string doing, Reference name, Reach reach, Func<RemoteRepository, Task<T>> use) =>
        TellAsync(doing, name, () => use(Repository(name, reach)));

    /// <summary>Reads from a repository, at its mirrors first where it has some.</summary>
    public Task<T> ReadAsync<T>(string doing, Reference name, Reach reach, Func<IRepositorySource, Task<T>> use) =>
        TellAsync(doing, name, () => use(Source(name, reach)));

    /// <summary>For a work between several places, which tells by itself what went wrong.</summary>
    internal RemoteRepository Repository(Reference name, Reach reach) => _client.Value.Repository(name, reach);

    /// <summary>A repository to fetch lost content from.</summary>
    public IImageReader Origin(Reference repository) => Source(repository, Reach.Usual);

    /// <inheritdoc cref="Repository"/>
    internal IRepositorySource Source(Reference name, Reach reach) => _client.Value.Source(name, reach);

    /// <summary>
    /// Checks a name and password with the registry, and keeps them when they are good, or, where the registry's token server gives one, a token
    /// that stands for them.
    /// </summary>
    public async Task<LoginKept> LoginAsync(LoginName name, string user, string password, Reach reach, CancellationToken cancellationToken)
    {
        var credential = new Credential.Basic(user, new Secret(password));
        Credential.IdentityToken? token = null;
        try
        {
            var options = _options.Value with { Credentials = new GivenCredential(name.Registry, credential), KeepIdentityToken = given => token = given };
            using var client = new RegistryClient(_handler.Value, options);
            await client.PingAsync(name.Registry, reach, cancellationToken);
            return new LoginKept(await _logins.Value.LoginAsync(name, credential, token, cancellationToken), token is not null);
        }
        catch (RegistryException e) when (e.Status == HttpStatusCode.Unauthorized)
        {
            throw new StrataException($"{name.Registry} does not take this name and password", inner: e);
        }
        catch (RegistryException e)
        {
            throw new StrataException($"logging in at {name}: {e.Message}", e.Hint, e);
        }
        catch (Exception e) when (e is RegistryConfigurationException or CredentialException)
        {
            throw new StrataException($"logging in at {name}: {e.Message}", inner: e);
        }
    }

    /// <summary>Who is logged in there, without the registry being asked; null: nobody.</summary>
    public async Task<string?> UserAsync(LoginName name, CancellationToken cancellationToken) => await _logins.Value.FindAsync(name, cancellationToken) switch
    {
        Credential.Basic basic => basic.UserName,
        // What credential helpers call the user of a token.
        Credential.IdentityToken => "<token>",
        _ => null,
    };

    /// <summary>False when nobody was logged in.</summary>
    public Task<bool> LogoutAsync(LoginName name, CancellationToken cancellationToken) => _logins.Value.LogoutAsync(name, cancellationToken);

    /// <summary>How many logins there were.</summary>
    public Task<int> LogoutAllAsync(CancellationToken cancellationToken) => _logins.Value.LogoutAllAsync(cancellationToken);

    /// <summary>The tags in the registry's order; with <paramref name="details"/> each one's manifest is read too.</summary>
    public async IAsyncEnumerable<TagView> TagsAsync(Reference reference, bool details, Reach reach, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var doing = $"listing the tags of {reference.FamiliarName}";
        var repository = await ReachAsync(doing, reference, reach, Task.FromResult);
        await using var tags = repository.ListTagsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await TellAsync(doing, reference, () => tags.MoveNextAsync().AsTask()))
        {
            yield return details
                ? await ReachAsync($"reading {reference.FamiliarName}:{tags.Current}", reference, reach, r => ViewAsync(r, tags.Current, cancellationToken))
                : new TagView(tags.Current, null, null);
        }
    }

    /// <summary>The latest change first.</summary>
    public Task<IReadOnlyList<TagChange>> TagHistoryAsync(Reference name, Reach reach, CancellationToken cancellationToken) =>
        ReachAsync($"reading the history of {name.Familiar}", name, reach, repository => repository.TagHistoryAsync(name.Tag ?? Tag.Latest, cancellationToken));

    /// <param name="to">Null: what the tag meant before its last change.</param>
    public Task<(Digest? From, Digest To)> RollbackAsync(Reference name, Digest? to, Reach reach, CancellationToken cancellationToken) =>
        ReachAsync($"rolling back {name.Familiar}", name, reach, repository => repository.RollbackTagAsync(name.Tag ?? Tag.Latest, to, cancellationToken));

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
        if (_handler.IsValueCreated)
        {
            _handler.Value.Dispose();
        }
    }

    private static async Task<T> TellAsync<T>(string doing, Reference name, Func<Task<T>> use)
    {
        try
        {
            return await use();
        }
        catch (RegistryException e)
        {
            throw new StrataException($"{doing}: {e.Message}", e.Hint, e);
        }
        catch (ContentMismatchException e)
        {
            throw new StrataException(
                $"{doing}: {e.Message}", $"{name.Registry}, or something on the way to it, delivers other bytes than it promised; try again, and if it stays so the image has to be pushed there anew", e);
        }
        catch (Exception e) when (e is InvalidImageException or ContentTooLargeException)
        {
            throw new StrataException($"{doing}: {e.Message}", $"nothing of it was kept; the image at {name.Registry} has to be made anew", e);
        }
        catch (Exception e) when (e is CredentialException or RegistryConfigurationException)
        {
            throw new StrataException($"{doing}: {e.Message}", inner: e);
        }
        catch (StrataException e)
        {
            throw new StrataException($"{doing}: {e.Message}", e.Hint, e);
        }
    }

    /// <summary>The user's own, podman's, docker's: the first that knows a host counts (containers-certs.d(5)).</summary>
    private static IReadOnlyList<string> CertificateRoots(HostEnvironment environment)
    {
        var home = environment.Variable("HOME");
        return
        [
            .. string.IsNullOrEmpty(home) ? Array.Empty<string>() : [Path.Combine(home, ".config/containers/certs.d")],
            "/etc/containers/certs.d",
            "/etc/docker/certs.d",
        ];
    }

    private static TimeSpan IdleTimeout(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return new RegistryClientOptions().IdleTimeout;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= LongestTimeout
            ? TimeSpan.FromSeconds(seconds)
            : throw new RegistryConfigurationException($"The variable {TimeoutVariable} should be a number of seconds up to {LongestTimeout}, and is '{text}'.");
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

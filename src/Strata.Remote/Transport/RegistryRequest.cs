using Strata.Oci;
using Strata.Remote.Authentication;
using Strata.Remote.Credentials;
using Strata.Remote.Retrying;

namespace Strata.Remote.Transport;

/// <summary>A request as it is meant; the transport makes a message of it for every attempt.</summary>
internal sealed record RegistryRequest
{
    public required HttpMethod Method { get; init; }
    public required Uri Url { get; init; }
    public required RegistryEndpoint Registry { get; init; }
    public required AccessScope Scope { get; init; }

    /// <summary>The repository that is asked about; null: the registry as a whole.</summary>
    public RepositoryName? Repository { get; init; }

    public LoginName Asking => new(Registry.Name, Repository);

    /// <summary>Adds headers and body; called for every attempt.</summary>
    public Action<HttpRequestMessage>? Prepare { get; init; }

    /// <summary>How often the request may be sent again; null: its body can be sent once only, and whoever sends it knows how to go on.</summary>
    public RetryBudget? Retries { get; init; }

    /// <summary>False where doing it twice is not the same as doing it once; it is then repeated only when it was not let in.</summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>Whether nobody is told who asks, whatever the server wants to know (CVE-2020-15157).</summary>
    public bool IsAnonymous { get; init; }

    public bool IsRead => Method == HttpMethod.Get || Method == HttpMethod.Head;

    /// <summary>For messages: no query, which may hold a signature, and nobody's name.</summary>
    public string Display => Describe(Method, Url);

    public static string Describe(HttpMethod method, Uri url) =>
        $"{method} {url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}";
}

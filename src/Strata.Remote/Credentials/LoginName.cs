using System.Diagnostics.CodeAnalysis;
using Strata.Oci;

namespace Strata.Remote.Credentials;

/// <summary>What a login is for: a registry, or, as podman keeps them too, only what is below one of its paths.</summary>
/// <param name="Registry">As references name it.</param>
/// <param name="Path">A repository, or what the names of several begin with; null: all of the registry.</param>
public sealed record LoginName(string Registry, RepositoryName? Path = null)
{
    /// <summary>Reads <c>HOST[:PORT][/PATH]</c>, with a scheme before it and docker's <c>/v1/</c> or <c>/v2/</c> behind it where somebody wrote those.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LoginName? name)
    {
        name = null;
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var rest = (scheme < 0 ? text : text[(scheme + 3)..]).TrimEnd('/');
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (host, path) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..]);
        if (scheme >= 0 && path is "v1" or "v2")
        {
            path = "";
        }
        RepositoryName? below = null;
        if (path.Length > 0)
        {
            if (!RepositoryName.TryParse(path, out var parsed))
            {
                return false;
            }
            below = parsed;
        }
        if (!Uri.TryCreate($"https://{host}/", UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || url.AbsolutePath != "/" || host.Length == 0)
        {
            return false;
        }
        name = new LoginName(RegistryEndpoint.NameOf(host), below);
        return true;
    }

    /// <summary>This name and those that contain it, the most exact first, without the registry as a whole.</summary>
    public IEnumerable<string> PathKeys()
    {
        for (var path = Path?.ToString(); !string.IsNullOrEmpty(path); path = path[..Math.Max(0, path.LastIndexOf('/'))])
        {
            yield return $"{Registry}/{path}";
        }
    }

    public override string ToString() => Path is null ? Registry : $"{Registry}/{Path}";
}

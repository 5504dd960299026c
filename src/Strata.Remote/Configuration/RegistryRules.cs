using System.Diagnostics.CodeAnalysis;
using Strata.Oci;

namespace Strata.Remote.Configuration;

/// <summary>All that registries.conf says of registries (containers-registries.conf(5)).</summary>
public sealed record RegistryRules
{
    public static RegistryRules None { get; } = new();

    /// <summary>Each prefix once.</summary>
    public IReadOnlyList<RegistryRule> Rules { get; init; } = [];

    /// <summary>Short names and what they stand for: <c>[aliases]</c>.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Where logins are kept, by the names of <c>credential-helpers</c>; empty: nothing is said of that.</summary>
    public IReadOnlyList<string> CredentialHelpers { get; init; } = [];

    /// <summary>These rules, and <paramref name="later"/> ones that win where both speak of the same prefix or name.</summary>
    public RegistryRules With(RegistryRules later) => new()
    {
        Rules = [.. Rules.Where(rule => !later.Rules.Any(other => other.Prefix == rule.Prefix)), .. later.Rules],
        Aliases = new Dictionary<string, string>([.. Aliases.Where(alias => !later.Aliases.ContainsKey(alias.Key)), .. later.Aliases]),
        CredentialHelpers = later.CredentialHelpers.Count > 0 ? later.CredentialHelpers : CredentialHelpers,
    };

    /// <summary>
    /// The reference that <paramref name="text"/> means: where it is a short name with an alias, the alias's. Search lists of registries
    /// are not used: whoever registers a name at the first of them would decide what runs here.
    /// </summary>
    public bool TryParseName(string text, [NotNullWhen(true)] out Reference? reference, [NotNullWhen(false)] out string? problem)
    {
        var end = text.AsSpan().IndexOfAny(':', '@');
        var name = end < 0 ? text : text[..end];
        // An empty alias takes one away that an earlier file made.
        return Aliases.TryGetValue(name, out var target) && target.Length > 0
            ? Reference.TryParse(target + text[name.Length..], out reference, out problem)
            : Reference.TryParse(text, out reference, out problem);
    }

    /// <summary>Where images of a repository are to be read: the last place is its own, those before it are mirrors.</summary>
    /// <exception cref="RegistryException">It is blocked.</exception>
    internal IReadOnlyList<RegistryRoute> RoutesOf(string registry, RepositoryName repository)
    {
        var name = $"{registry}/{repository}";
        if (Find(name) is not { } rule)
        {
            return [new RegistryRoute(registry, repository, IsInsecure: false)];
        }
        var length = rule.Match(name);
        var rest = name[length..];
        return
        [
            .. rule.Mirrors.Select(mirror => RouteOf(mirror.Location + rest, mirror.IsInsecure, mirror.Use, rule)),
            RouteOf((rule.Location.Length > 0 ? rule.Location : name[..length]) + rest, rule.IsInsecure, MirrorUse.All, rule),
        ];
    }

    /// <summary>Where a repository is written and listed: at the registry it names. Mirrors and other locations are for reading.</summary>
    /// <exception cref="RegistryException">It is blocked.</exception>
    internal RegistryRoute DirectRouteOf(string registry, RepositoryName repository) =>
        new(registry, repository, Find($"{registry}/{repository}")?.IsInsecure ?? false);

    /// <summary>Whether anything at this registry as a whole is reached insecurely.</summary>
    internal bool IsInsecure(string registry) => Rules.Any(rule => rule.IsInsecure && rule.Match(registry) >= 0);

    private RegistryRule? Find(string name)
    {
        var rule = Rules.Where(rule => rule.Match(name) >= 0).OrderBy(rule => rule.IsWildcard).ThenByDescending(rule => rule.Match(name)).FirstOrDefault();
        return rule is not { IsBlocked: true } ? rule : throw new RegistryException($"{rule.Prefix} is blocked by {rule.Source}.")
        {
            Hint = "take 'blocked' out of that file, if you may, or use another registry",
        };
    }

    private static RegistryRoute RouteOf(string name, bool isInsecure, MirrorUse use, RegistryRule rule)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !RepositoryName.TryParse(name[(slash + 1)..], out var repository))
        {
            throw new RegistryConfigurationException($"{rule.Source} sends {rule.Prefix} to '{name}', which names no repository.");
        }
        var host = name[..slash];
        return new RegistryRoute(RegistryEndpoint.NameOf(host), repository, isInsecure, use);
    }
}

namespace Strata.Remote.Configuration;

/// <summary>One <c>[[registry]]</c> of registries.conf: how the images are reached whose names begin so.</summary>
public sealed record RegistryRule
{
    /// <summary><c>host[:port][/path]</c>, or <c>*.domain</c> for all hosts below it.</summary>
    public required string Prefix { get; init; }

    /// <summary>What stands in for the prefix; empty: the prefix itself.</summary>
    public string Location { get; init; } = "";

    /// <summary>Plain HTTP, and certificates that nobody vouches for, are taken.</summary>
    public bool IsInsecure { get; init; }

    public bool IsBlocked { get; init; }

    /// <summary>Asked before the place itself, in this order.</summary>
    public IReadOnlyList<RegistryMirror> Mirrors { get; init; } = [];

    /// <summary>The file it stands in, for messages.</summary>
    public string Source { get; init; } = "";

    internal bool IsWildcard => Prefix.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>How many characters of <paramref name="name"/> (registry/repository) the prefix covers; -1: none.</summary>
    internal int Match(string name)
    {
        if (IsWildcard)
        {
            // Of the host alone, and not the domain itself.
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var host = slash < 0 ? name : name[..slash];
            return host.EndsWith(Prefix[1..], StringComparison.Ordinal) ? host.Length : -1;
        }
        return name.StartsWith(Prefix, StringComparison.Ordinal) && (name.Length == Prefix.Length || name[Prefix.Length] == '/') ? Prefix.Length : -1;
    }
}

/// <summary>A place that has copies of a registry's images.</summary>
public sealed record RegistryMirror(string Location, bool IsInsecure, MirrorUse Use);

/// <summary>What a mirror is asked for. A tag that a mirror resolves may be an old one.</summary>
public enum MirrorUse
{
    All,
    DigestsOnly,
    TagsOnly,
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Strata.Oci;

/// <summary>
/// <c>registry/repository:tag@digest</c>, completed as Docker completes what people type: no registry means docker.io,
/// one component there means <c>library/</c>. Neither tag nor digest is invented; <see cref="WithDefaultTag"/> adds <c>latest</c>.
/// </summary>
public sealed record Reference
{
    public const string DefaultRegistry = "docker.io";
    private const string OfficialPrefix = "library/";
    private const string LocalHost = "localhost";
    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:");

    /// <summary>Host and, if given, port.</summary>
    public required string Registry { get; init; }
    public required RepositoryName Repository { get; init; }
    public Tag? Tag { get; init; }
    public Digest? Digest { get; init; }

    /// <summary>Whether it names no registry that could be asked: <c>localhost/</c> without a port is how images made here are called.</summary>
    public bool IsOfThisMachine => Registry == LocalHost;

    /// <summary>The registry and repository alone.</summary>
    public string Name => $"{Registry}/{Repository}";

    /// <summary>As short as people may type it: <c>node:18</c> for docker.io/library/node:18.</summary>
    public string Familiar => FamiliarName + Suffix;

    /// <summary><see cref="Familiar"/> without tag and digest.</summary>
    public string FamiliarName
    {
        get
        {
            if (Registry != DefaultRegistry)
            {
                return Name;
            }
            var repository = Repository.ToString();
            if (repository.StartsWith(OfficialPrefix, StringComparison.Ordinal) && repository.IndexOf('/', OfficialPrefix.Length) < 0)
            {
                return repository[OfficialPrefix.Length..];
            }
            // A repository whose first part reads as a host keeps its registry, or it would be looked for there.
            return SplitRegistry(repository).Path == repository ? repository : Name;
        }
    }

    private string Suffix => (Tag is { } tag ? ":" + tag : "") + (Digest is { } digest ? "@" + digest : "");

    public Reference WithDefaultTag() => Tag is null && Digest is null ? this with { Tag = Oci.Tag.Latest } : this;

    /// <summary>The canonical form, registry included.</summary>
    public override string ToString() => Name + Suffix;

    public static Reference Parse(string text) => TryParse(text, out var reference, out var problem)
        ? reference
        : throw new FormatException($"'{text}' is no image reference: {problem}.");

    public static bool TryParse(string? text, [NotNullWhen(true)] out Reference? reference) => TryParse(text, out reference, out _);

    /// <summary><paramref name="problem"/> is a phrase that says what is wrong and how it would be right.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Reference? reference, [NotNullWhen(false)] out string? problem)
    {
        reference = null;
        problem = null;
        if (string.IsNullOrEmpty(text))
        {
            problem = "it is empty";
            return false;
        }
        if (IsImageId(text))
        {
            problem = "64 hexadecimal digits name an image by its id, not by a repository";
            return false;
        }
        if (Oci.Digest.TryParse(text, out _))
        {
            problem = "a digest alone names content, not a repository";
            return false;
        }
        Digest? digest = null;
        var name = text;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!Oci.Digest.TryParse(text[(at + 1)..], out var parsed))
            {
                problem = $"'{text[(at + 1)..]}' after the '@' is no digest";
                return false;
            }
            digest = parsed;
            name = text[..at];
        }
        var (registry, rest) = SplitRegistry(name);
        Tag? tag = null;
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            if (!Oci.Tag.TryParse(rest[(colon + 1)..], out var parsed))
            {
                problem = $"'{rest[(colon + 1)..]}' is no tag";
                return false;
            }
            tag = parsed;
            rest = rest[..colon];
        }
        if (registry == DefaultRegistry && !rest.Contains('/', StringComparison.Ordinal))
        {
            rest = OfficialPrefix + rest;
        }
        if (!RepositoryName.TryParse(rest, out var repository))
        {
            problem = rest.Any(char.IsAsciiLetterUpper)
                ? "a repository's name is lower case"
                : rest.Length > RepositoryName.MaxLength
                    ? $"its name has more than {RepositoryName.MaxLength} characters"
                    : $"'{rest}' is no repository name";
            return false;
        }
        if (!IsHost(registry))
        {
            problem = $"'{registry}' is no registry's host name";
            return false;
        }
        reference = new Reference { Registry = registry, Repository = repository, Tag = tag, Digest = digest };
        return true;
    }

    private static (string Registry, string Path) SplitRegistry(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return (DefaultRegistry, name);
        }
        var first = name[..slash];
        var isHost = first == LocalHost || first.AsSpan().ContainsAny('.', ':') || first.Any(char.IsAsciiLetterUpper);
        if (!isHost)
        {
            return (DefaultRegistry, name);
        }
        return (first == "index.docker.io" ? DefaultRegistry : first, name[(slash + 1)..]);
    }

    private static bool IsImageId(string text) => text.Length == 64 && text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    private static bool IsHost(string host)
    {
        var name = host.AsSpan();
        if (name.StartsWith("["))
        {
            var close = name.IndexOf(']');
            if (close < 2 || name[1..close].ContainsAnyExcept(IPv6Characters))
            {
                return false;
            }
            return close == name.Length - 1 || IsPort(name[(close + 1)..]);
        }
        var colon = name.IndexOf(':');
        if (colon >= 0)
        {
            if (!IsPort(name[colon..]))
            {
                return false;
            }
            name = name[..colon];
        }
        foreach (var range in name.Split('.'))
        {
            var label = name[range];
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                {
                    return false;
                }
            }
        }
        return true;
    }

    private static bool IsPort(ReadOnlySpan<char> text) => text.Length > 1 && text[0] == ':' && !text[1..].ContainsAnyExceptInRange('0', '9');
}

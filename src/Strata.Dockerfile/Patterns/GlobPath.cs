using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Strata.Dockerfile;

/// <summary>A COPY or ADD source, one <see cref="GlobPattern"/> for each element. It cannot leave the root it is matched in.</summary>
public sealed class GlobPath
{
    private GlobPath(ImmutableArray<GlobPattern> elements) => Elements = elements;

    /// <summary>Empty for the root itself.</summary>
    public ImmutableArray<GlobPattern> Elements { get; }

    public bool IsLiteral => Elements.All(element => element.IsLiteral);

    /// <summary>Leading slashes and <c>..</c> are absorbed, a trailing slash and <c>.</c> mean nothing.</summary>
    public static bool TryParse(string source, [NotNullWhen(true)] out GlobPath? path, [NotNullWhen(false)] out string? error)
    {
        path = null;
        var elements = ImmutableArray.CreateBuilder<GlobPattern>();
        foreach (string element in CleanPath.Of("/" + source).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!GlobPattern.TryParse(element, out GlobPattern? pattern, out error))
            {
                return false;
            }

            elements.Add(pattern);
        }

        path = new GlobPath(elements.ToImmutable());
        error = null;
        return true;
    }

    /// <summary>Whether a relative path in UTF-8 has just these elements.</summary>
    public bool Matches(ReadOnlySpan<byte> path) => MatchedElements(path) == Elements.Length;

    /// <summary>Whether something below a folder can match, so that a walk has to enter it.</summary>
    public bool MayMatchBelow(ReadOnlySpan<byte> directory) => MatchedElements(directory) is >= 0 and var count && count < Elements.Length;

    /// <summary>How many elements a path has, all of them matching; -1 when one does not or there are too many.</summary>
    private int MatchedElements(ReadOnlySpan<byte> path)
    {
        int count = 0;
        while (!path.IsEmpty)
        {
            int slash = path.IndexOf((byte)'/');
            if (count == Elements.Length || !Elements[count].Matches(slash < 0 ? path : path[..slash]))
            {
                return -1;
            }

            count++;
            path = slash < 0 ? [] : path[(slash + 1)..];
        }

        return count;
    }
}

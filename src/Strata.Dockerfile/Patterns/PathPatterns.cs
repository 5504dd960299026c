using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Strata.Dockerfile;

/// <summary>
/// An ordered list of ignore patterns; the last one that matches a path, or a folder it is in, decides. Paths are UTF-8 (other bytes
/// pass), relative to the context, with single slashes between their elements and none around them.
/// </summary>
public sealed class PathPatterns
{
    private readonly ImmutableArray<PathPattern> _patterns;

    private PathPatterns(ImmutableArray<PathPattern> patterns) => _patterns = patterns;

    public static PathPatterns None { get; } = new([]);

    public ImmutableArray<PathPattern> Patterns => _patterns;

    public bool IsEmpty => _patterns.IsEmpty;

    public bool HasNegations => _patterns.Any(pattern => pattern.IsNegated);

    /// <summary>Parses a list, empty entries dropped.</summary>
    public static bool TryParse(
        IEnumerable<string> patterns, [NotNullWhen(true)] out PathPatterns? parsed, [NotNullWhen(false)] out string? error) =>
        TryParse(patterns.Select((text, index) => (index + 1, text)), out parsed, out error);

    /// <summary>The pattern that makes a path ignored, or null when it is not.</summary>
    public PathPattern? Explain(ReadOnlySpan<byte> path)
    {
        int index = DecidingIndex(path);
        return index < 0 ? null : _patterns[index];
    }

    /// <summary>Whether a path is ignored, the folders it is in considered.</summary>
    public bool MatchesOrParent(ReadOnlySpan<byte> path) => DecidingIndex(path) >= 0;

    /// <summary>Whether the path itself is matched, whatever becomes of the folders it is in.</summary>
    public bool Matches(ReadOnlySpan<byte> path)
    {
        bool matched = false;
        foreach (PathPattern pattern in _patterns)
        {
            if (pattern.IsNegated == matched && pattern.Matches(path))
            {
                matched = !matched;
            }
        }

        return matched;
    }

    /// <summary>False when a walk may leave out a whole folder: it is ignored and no <c>!</c> pattern reaches into it.</summary>
    public bool MayContainIncluded(ReadOnlySpan<byte> directory)
    {
        int deciding = DecidingIndex(directory);
        return deciding < 0 || NegationMayReachBelow(directory, deciding);
    }

    /// <summary>Begins a walk of a tree, in which each folder hands what it matched to its children.</summary>
    public PatternWalk StartWalk() => new(this, new bool[_patterns.Length]);

    internal static bool TryParse(
        IEnumerable<(int Line, string Text)> lines, [NotNullWhen(true)] out PathPatterns? parsed, [NotNullWhen(false)] out string? error)
    {
        parsed = null;
        var patterns = ImmutableArray.CreateBuilder<PathPattern>();
        foreach ((int line, string text) in lines)
        {
            string trimmed = WhiteSpace.Trim(text);
            if (trimmed.Length == 0)
            {
                continue;
            }

            if (!PathPattern.TryParse(trimmed, line, out PathPattern? pattern, out error))
            {
                return false;
            }

            patterns.Add(pattern);
        }

        parsed = new PathPatterns(patterns.ToImmutable());
        error = null;
        return true;
    }

    /// <summary>Only what comes behind the deciding pattern can change the verdict on something below.</summary>
    internal bool NegationMayReachBelow(ReadOnlySpan<byte> directory, int deciding)
    {
        for (int i = deciding + 1; i < _patterns.Length; i++)
        {
            if (_patterns[i].IsNegated && _patterns[i].MayMatchBelow(directory))
            {
                return true;
            }
        }

        return false;
    }

    private int DecidingIndex(ReadOnlySpan<byte> path)
    {
        int deciding = -1;
        for (int i = 0; i < _patterns.Length; i++)
        {
            PathPattern pattern = _patterns[i];
            if (pattern.IsNegated == deciding >= 0 && pattern.MatchesOrParent(path))
            {
                deciding = pattern.IsNegated ? -1 : i;
            }
        }

        return deciding;
    }
}

namespace Strata.Dockerfile;

/// <summary>Where a walk through a tree stands: in one folder, knowing which patterns matched it or a folder above.</summary>
public sealed class PatternWalk
{
    private readonly PathPatterns _patterns;
    private readonly bool[] _matched;
    private readonly int _deciding;

    internal PatternWalk(PathPatterns patterns, bool[] matched)
    {
        _patterns = patterns;
        _matched = matched;
        _deciding = -1;
    }

    private PatternWalk(PathPatterns patterns, bool[] matched, int deciding)
    {
        _patterns = patterns;
        _matched = matched;
        _deciding = deciding;
    }

    /// <summary>Steps into a folder.</summary>
    /// <param name="path">Its whole path from the root of the walk.</param>
    public PatternWalk Enter(ReadOnlySpan<byte> path)
    {
        bool[] matched = new bool[_matched.Length];
        int deciding = -1;
        for (int i = 0; i < matched.Length; i++)
        {
            PathPattern pattern = _patterns.Patterns[i];
            matched[i] = _matched[i] || pattern.Matches(path);
            if (matched[i] && pattern.IsNegated == deciding >= 0)
            {
                deciding = pattern.IsNegated ? -1 : i;
            }
        }

        return new PatternWalk(_patterns, matched, deciding);
    }

    /// <summary>Whether an entry of this folder is ignored.</summary>
    /// <param name="path">Its whole path from the root of the walk.</param>
    public bool Ignores(ReadOnlySpan<byte> path)
    {
        bool ignored = false;
        for (int i = 0; i < _matched.Length; i++)
        {
            PathPattern pattern = _patterns.Patterns[i];
            if (pattern.IsNegated == ignored && (_matched[i] || pattern.Matches(path)))
            {
                ignored = !ignored;
            }
        }

        return ignored;
    }

    /// <summary>False when this folder is ignored and nothing in it can be included again.</summary>
    /// <param name="path">This folder's path.</param>
    public bool MayContainIncluded(ReadOnlySpan<byte> path) => _deciding < 0 || _patterns.NegationMayReachBelow(path, _deciding);
}

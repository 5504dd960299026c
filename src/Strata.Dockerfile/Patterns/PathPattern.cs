using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Dockerfile;

internal enum PathPatternKind
{
    /// <summary>The path itself.</summary>
    Exact,

    /// <summary><c>dir/**</c>.</summary>
    Prefix,

    /// <summary><c>**/name</c>.</summary>
    Suffix,

    /// <summary><c>**/*.name</c> and the like: decided by the last element.</summary>
    LastElement,
    Glob,
}

/// <summary>One pattern of an ignore file or of <c>--exclude</c>.</summary>
public sealed class PathPattern
{
    private readonly PathPatternKind _kind;
    private readonly byte[] _bytes;
    private readonly GlobProgram _program;
    private readonly string[] _elements;

    private PathPattern(string text, string cleaned, bool isNegated, int line, GlobProgram program)
    {
        Text = text;
        IsNegated = isNegated;
        Line = line;
        _program = program;
        _elements = cleaned.Split('/');
        (_kind, string fixedPart) = Classify(cleaned);
        _bytes = Encoding.UTF8.GetBytes(fixedPart);
        if (_kind == PathPatternKind.LastElement)
        {
            _program = GlobCompiler.Compile(fixedPart, doubleStar: true)!;
        }
    }

    /// <summary>As written, without white space around it.</summary>
    public string Text { get; }

    /// <summary>Begins with <c>!</c>: what it matches is not ignored after all.</summary>
    public bool IsNegated { get; }

    /// <summary>Counted from 1, in the file or the list.</summary>
    public int Line { get; }

    internal PathPatternKind Kind => _kind;

    internal static bool TryParse(
        string text, int line, [NotNullWhen(true)] out PathPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        bool negated = text.StartsWith('!');
        string rest = negated ? text[1..].Trim() : text;
        if (rest.Length == 0)
        {
            error = $"illegal exclusion pattern: {GoQuote.Quote(text)}";
            return false;
        }

        string cleaned = CleanPath.Of(rest);
        if (GlobCompiler.Compile(cleaned, doubleStar: true) is not { } program)
        {
            error = $"{GlobCompiler.SyntaxError}: {GoQuote.Quote(text)}";
            return false;
        }

        error = null;
        pattern = new PathPattern(text, cleaned, negated, line, program);
        return true;
    }

    /// <summary>Whether it matches this very path; its folders are not looked at.</summary>
    internal bool Matches(ReadOnlySpan<byte> path)
    {
        switch (_kind)
        {
            case PathPatternKind.Exact:
                return path.SequenceEqual(_bytes);
            case PathPatternKind.Prefix:
                return path.StartsWith(_bytes);
            case PathPatternKind.Suffix:
                return path.EndsWith(_bytes) || (_bytes[0] == '/' && path.SequenceEqual(_bytes.AsSpan(1)));
            case PathPatternKind.LastElement:
                return _program.Matches(path[(path.LastIndexOf((byte)'/') + 1)..]);
            default:
                return _program.Matches(path);
        }
    }

    /// <summary>Whether it matches the path or one of the folders it is in.</summary>
    internal bool MatchesOrParent(ReadOnlySpan<byte> path)
    {
        switch (_kind)
        {
            case PathPatternKind.Exact:
                return path.StartsWith(_bytes) && (path.Length == _bytes.Length || path[_bytes.Length] == '/');
            case PathPatternKind.Prefix:
                return path.StartsWith(_bytes);
        }

        if (Matches(path))
        {
            return true;
        }

        for (int end = path.LastIndexOf((byte)'/'); end > 0; end = path[..end].LastIndexOf((byte)'/'))
        {
            if (Matches(path[..end]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it could match something inside a folder. Never wrongly no; where <c>**</c> or a class is in the way, yes.</summary>
    internal bool MayMatchBelow(ReadOnlySpan<byte> directory)
    {
        foreach (string element in _elements)
        {
            if (directory.IsEmpty || element.Contains("**", StringComparison.Ordinal) || element.Contains('[', StringComparison.Ordinal))
            {
                return true;
            }

            int slash = directory.IndexOf((byte)'/');
            ReadOnlySpan<byte> name = slash < 0 ? directory : directory[..slash];
            if (GlobCompiler.Compile(element, doubleStar: false) is not { } program || !program.Matches(name))
            {
                return false;
            }

            directory = slash < 0 ? [] : directory[(slash + 1)..];
        }

        // The pattern names this folder or one it is in.
        return true;
    }

    private static (PathPatternKind Kind, string FixedPart) Classify(string pattern)
    {
        const string Special = "*?[]\\";
        if (pattern.AsSpan().IndexOfAny(Special) < 0)
        {
            return (PathPatternKind.Exact, pattern);
        }

        if (pattern.EndsWith("**", StringComparison.Ordinal) && pattern.Length > 2 && pattern.AsSpan(..^2).IndexOfAny(Special) < 0)
        {
            return (PathPatternKind.Prefix, pattern[..^2]);
        }

        if (!pattern.StartsWith("**", StringComparison.Ordinal) || pattern.Length == 2)
        {
            return (PathPatternKind.Glob, pattern);
        }

        string rest = pattern[2..];
        if (rest.AsSpan().IndexOfAny(Special) < 0)
        {
            return (PathPatternKind.Suffix, rest);
        }

        string last = rest[1..];
        bool oneElement = rest[0] == '/' && last.AsSpan().IndexOfAny("/[]\\") < 0 && !last.Contains("**", StringComparison.Ordinal);
        return oneElement ? (PathPatternKind.LastElement, last) : (PathPatternKind.Glob, pattern);
    }
}

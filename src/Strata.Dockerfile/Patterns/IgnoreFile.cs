using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>A <c>.dockerignore</c>.</summary>
public sealed class IgnoreFile
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private IgnoreFile(string fileName, PathPatterns patterns)
    {
        FileName = fileName;
        Patterns = patterns;
    }

    /// <summary>Ignores nothing.</summary>
    public static IgnoreFile None { get; } = new(".dockerignore", PathPatterns.None);

    /// <summary>As messages name it.</summary>
    public string FileName { get; }

    public PathPatterns Patterns { get; }

    public static bool TryParse(
        ReadOnlySpan<byte> content, string fileName, [NotNullWhen(true)] out IgnoreFile? file, [NotNullWhen(false)] out string? error)
    {
        file = null;
        List<(int Line, string Text)> lines = ReadLines(content);
        if (!PathPatterns.TryParse(lines, out PathPatterns? patterns, out string? problem))
        {
            int line = lines.Find(candidate => !PathPattern.TryParse(candidate.Text, candidate.Line, out _, out _)).Line;
            error = string.Create(null, $"{fileName}:{line}: {problem}");
            return false;
        }

        file = new IgnoreFile(fileName, patterns);
        error = null;
        return true;
    }

    /// <summary>Says which line ignores a path: <c>.dockerignore line 3 (*.log)</c>. Null when none does.</summary>
    public string? Explain(ReadOnlySpan<byte> path) =>
        Patterns.Explain(path) is { } pattern ? string.Create(null, $"{FileName} line {pattern.Line} ({pattern.Text})") : null;

    /// <summary>The patterns with the numbers of their lines, each cleaned, a leading slash gone, also behind the <c>!</c>.</summary>
    internal static List<(int Line, string Text)> ReadLines(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith(ByteOrderMark))
        {
            content = content[ByteOrderMark.Length..];
        }

        var lines = new List<(int, string)>();
        int number = 0;
        foreach (Range range in content.Split((byte)'\n'))
        {
            number++;
            string line = Encoding.UTF8.GetString(content[range]);
            string text = WhiteSpace.Trim(line);
            // Only in the first column does # begin a comment.
            if (line.StartsWith('#') || text.Length == 0)
            {
                continue;
            }

            bool negated = text[0] == '!';
            string path = negated ? WhiteSpace.Trim(text[1..]) : text;
            if (path.Length > 0)
            {
                path = CleanPath.Of(path);
                path = path.Length > 1 && path[0] == '/' ? path[1..] : path;
            }

            lines.Add((number, negated ? "!" + path : path));
        }

        return lines;
    }
}

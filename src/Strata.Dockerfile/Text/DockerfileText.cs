using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>A Dockerfile as lines. Lines keep a trailing carriage return (heredocs do too) but not their line feed.</summary>
public sealed class DockerfileText
{
    public const int MaxBytes = 16 * 1024 * 1024;
    public const int MaxLineBytes = 65_535;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private DockerfileText(string fileName, ImmutableArray<string> lines, bool endsWithLineFeed)
    {
        FileName = fileName;
        Lines = lines;
        EndsWithLineFeed = endsWithLineFeed;
    }

    public string FileName { get; }

    public ImmutableArray<string> Lines { get; }

    internal bool EndsWithLineFeed { get; }

    /// <summary>The lines of a range with <paramref name="around"/> more on each side, each with its number.</summary>
    public IEnumerable<(int Number, string Text, bool InRange)> Excerpt(SourceRange range, int around)
    {
        int first = Math.Max(1, range.StartLine - around);
        int last = Math.Min(Lines.Length, range.EndLine + around);
        for (int number = first; number <= last; number++)
        {
            yield return (number, Lines[number - 1].TrimEnd('\r'), number >= range.StartLine && number <= range.EndLine);
        }
    }

    internal static DockerfileText Split(ReadOnlySpan<byte> content, string fileName, ErrorList errors)
    {
        if (content.Length > MaxBytes)
        {
            errors.Add(SourceRange.Line(1), $"the Dockerfile is larger than {MaxBytes / (1024 * 1024)} MiB", "is this the right file?");
            return new DockerfileText(fileName, [], endsWithLineFeed: true);
        }

        if (content.StartsWith(ByteOrderMark))
        {
            content = content[ByteOrderMark.Length..];
        }

        var lines = ImmutableArray.CreateBuilder<string>();
        bool endsWithLineFeed = true;
        while (!content.IsEmpty)
        {
            int end = content.IndexOf((byte)'\n');
            endsWithLineFeed = end >= 0;
            ReadOnlySpan<byte> line = endsWithLineFeed ? content[..end] : content;
            content = endsWithLineFeed ? content[(end + 1)..] : [];
            if (line.Length > MaxLineBytes)
            {
                errors.Add(
                    SourceRange.Line(lines.Count + 1),
                    string.Create(null, $"dockerfile line greater than max allowed size of {MaxLineBytes}"),
                    "split the line with a continuation or a heredoc");
                lines.Add("");
                continue;
            }

            lines.Add(Encoding.UTF8.GetString(line));
        }

        return new DockerfileText(fileName, lines.ToImmutable(), endsWithLineFeed);
    }
}

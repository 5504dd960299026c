using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>Joins lines to statements: comments, continuations, heredocs.</summary>
internal sealed class StatementReader(DockerfileText text, char escape, int firstLine, ErrorList errors)
{
    public const int MaxStatements = 10_000;

    private readonly ArgumentReader _arguments = new(escape, errors);
    private readonly List<DockerfileWarning> _warnings = [];
    private readonly List<Statement> _statements = [];
    private int _next = firstLine;

    public ImmutableArray<DockerfileWarning> Warnings => [.. _warnings];

    public ImmutableArray<Statement> ReadAll()
    {
        ImmutableArray<string> lines = text.Lines;
        var comments = new List<string>();
        while (_next < lines.Length && !errors.IsFull)
        {
            string line = WhiteSpace.TrimStart(TrimLineEnd(lines[_next++]));
            if (line.StartsWith('#'))
            {
                AddComment(comments, WhiteSpace.Trim(line[1..]));
                continue;
            }

            bool continues = CutContinuation(ref line);
            if (line.Length == 0 && !continues)
            {
                continue;
            }

            if (_statements.Count == MaxStatements)
            {
                errors.Add(SourceRange.Line(_next), string.Create(null, $"more than {MaxStatements} instructions"));
                break;
            }

            int start = _next;
            string joined = continues ? Continue(line) : line;
            Add(joined, start, comments);
            comments.Clear();
        }

        return [.. _statements];
    }

    private static void AddComment(List<string> comments, string comment)
    {
        if (comment.Length == 0)
        {
            comments.Clear();
        }
        else
        {
            comments.Add(comment);
        }
    }

    private string Continue(string first)
    {
        var joined = new StringBuilder(first);
        bool hasEmptyLine = false;
        while (_next < text.Lines.Length)
        {
            string line = TrimLineEnd(text.Lines[_next++]);
            string content = WhiteSpace.TrimStart(line);
            if (content.StartsWith('#'))
            {
                continue;
            }

            if (content.Length == 0)
            {
                hasEmptyLine = true;
                continue;
            }

            bool continues = CutContinuation(ref line);
            joined.Append(line);
            if (!continues)
            {
                break;
            }
        }

        if (hasEmptyLine)
        {
            // The lint has always pointed at the last line that was read.
            _warnings.Add(new DockerfileWarning(
                DockerfileWarningKind.EmptyContinuation, SourceRange.Line(_next), "Empty continuation line"));
        }

        return joined.ToString();
    }

    private void Add(string line, int start, List<string> comments)
    {
        if (line.Contains('\uFFFD', StringComparison.Ordinal))
        {
            _warnings.Add(new DockerfileWarning(
                DockerfileWarningKind.NotUtf8, new SourceRange(start, _next), "bytes that are not UTF-8 were replaced by U+FFFD"));
        }

        // An empty statement (a lone escape before the end of the file) has no keyword.
        if (WhiteSpace.Trim(line).Length == 0 || _arguments.Read(line, new SourceRange(start, _next)) is not { } statement)
        {
            return;
        }

        ImmutableArray<Heredoc> heredocs = [];
        if (statement.MayHaveHeredocs && line.Contains("<<", StringComparison.Ordinal))
        {
            heredocs = ReadHeredocs(line, start);
        }

        var range = new SourceRange(start, _next);
        _statements.Add(statement with { Range = range, Heredocs = heredocs, Comments = [.. comments] });
    }

    private ImmutableArray<Heredoc> ReadHeredocs(string line, int start)
    {
        var heredocs = ImmutableArray.CreateBuilder<Heredoc>();
        foreach (Heredoc opened in HeredocFinder.InLine(line))
        {
            int bodyStart = _next;
            var content = new StringBuilder();
            bool terminated = false;
            while (!terminated && _next < text.Lines.Length)
            {
                string raw = text.Lines[_next++];
                string candidate = TrimLineEnd(raw);
                terminated = (opened.StripTabs ? candidate.TrimStart('\t') : candidate) == opened.Name;
                if (!terminated)
                {
                    content.Append(raw);
                    content.Append(_next < text.Lines.Length || text.EndsWithLineFeed ? "\n" : "");
                }
            }

            if (!terminated && opened.Name.Contains(')', StringComparison.Ordinal))
            {
                // $((1 << 2)) looks like a heredoc but is arithmetic.
                _next = bodyStart;
                continue;
            }

            if (!terminated)
            {
                // The rest of the file was swallowed. Going on behind the opening line finds the other mistakes as well.
                _next = bodyStart;
                errors.Add(new SourceRange(start, bodyStart), "unterminated heredoc", $"end it with a line that holds only {opened.Name}");
                SkipToKeyword();
                break;
            }

            heredocs.Add(opened with { Content = content.ToString() });
        }

        return heredocs.ToImmutable();
    }

    private void SkipToKeyword()
    {
        while (_next < text.Lines.Length)
        {
            string word = WhiteSpace.CutAtBlank(text.Lines[_next], out _);
            if (Keywords.All.Contains(word))
            {
                return;
            }

            _next++;
        }
    }

    private static string TrimLineEnd(string line) => line.TrimEnd('\r', '\n');

    /// <summary>
    /// Cuts a trailing escape character, which continues the statement. An escape in front of it makes it text;
    /// that three in a row are text as well is how the language has always been.
    /// </summary>
    private bool CutContinuation(ref string line)
    {
        int end = line.Length;
        while (end > 0 && line[end - 1] is ' ' or '\t')
        {
            end--;
        }

        if (end == 0 || line[end - 1] != escape || (end > 1 && line[end - 2] == escape))
        {
            return false;
        }

        line = line[..(end - 1)];
        return true;
    }
}

using System.Text;

namespace Strata.Cli.Rendering.Builds;

/// <summary>Cuts a command's output, which comes in pieces, into lines. A carriage return ends a line too: progress bars use it.</summary>
internal sealed class LogLines
{
    private const int LongestLine = 64 * 1024;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _rest = new();
    private bool _returned;

    public IEnumerable<string> Take(ReadOnlyMemory<byte> bytes)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var count = _decoder.GetChars(bytes.Span, characters, flush: false);
        for (var i = 0; i < count; i++)
        {
            var c = characters[i];
            // The two together are one end.
            var ended = _returned && c == '\n';
            _returned = false;
            if (ended)
            {
                continue;
            }
            if (c is not ('\n' or '\r'))
            {
                _rest.Append(c);
                if (_rest.Length < LongestLine)
                {
                    continue;
                }
            }
            // A carriage return often only goes back to draw again, and there is nothing to show of that.
            if (Flush() is var line && (line.Length > 0 || c == '\n'))
            {
                _returned = c == '\r';
                yield return line;
            }
        }
    }

    /// <summary>What has come without a line's end, if anything.</summary>
    public string? TakeRest()
    {
        // The beginning of a character whose end never came.
        Span<char> last = stackalloc char[2];
        _rest.Append(last[.._decoder.GetChars([], last, flush: true)]);
        return Flush() is { Length: > 0 } line ? line : null;
    }

    private string Flush()
    {
        var line = TerminalText.Tame(_rest.ToString());
        _rest.Clear();
        return line;
    }
}

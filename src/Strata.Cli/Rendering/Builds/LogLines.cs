using System.Text;

namespace Strata.Cli.Rendering.Builds;

/// <summary>Cuts a command's output, which comes in pieces, into lines. A carriage return ends a line too: progress bars use it.</summary>
internal sealed class LogLines
{
    private const int LongestLine = 64 * 1024;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _rest = new();
    private EscapeState _escape;

    private enum EscapeState
    {
        None,
        Begun,
        Control,
    }

    public IEnumerable<string> Take(ReadOnlyMemory<byte> bytes)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var count = _decoder.GetChars(bytes.Span, characters, flush: false);
        for (var i = 0; i < count; i++)
        {
            var c = characters[i];
            if (c is '\n' or '\r' || _rest.Length >= LongestLine)
            {
                if (_rest.Length > 0 || c == '\n')
                {
                    yield return Flush();
                }
                if (c is '\n' or '\r')
                {
                    continue;
                }
            }
            // A command's escape sequences must neither move our cursor nor paint what follows.
            if (SkipsEscape(c))
            {
                continue;
            }
            _rest.Append(char.IsControl(c) && c != '\t' ? '\uFFFD' : c);
        }
    }

    /// <summary>What has come without a line's end, if anything.</summary>
    public string? TakeRest() => _rest.Length > 0 ? Flush() : null;

    /// <summary>ESC and one character, or ESC [ up to its final character (ECMA-48, 5.4).</summary>
    private bool SkipsEscape(char c)
    {
        switch (_escape)
        {
            case EscapeState.Begun:
                _escape = c == '[' ? EscapeState.Control : EscapeState.None;
                return true;
            case EscapeState.Control:
                if (c is >= '@' and <= '~')
                {
                    _escape = EscapeState.None;
                }
                return true;
            default:
                if (c == '\e')
                {
                    _escape = EscapeState.Begun;
                    return true;
                }
                return false;
        }
    }

    private string Flush()
    {
        var line = _rest.ToString();
        _rest.Clear();
        return line;
    }
}

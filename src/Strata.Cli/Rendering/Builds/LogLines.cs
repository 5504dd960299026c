using System.Text;

namespace Strata.Cli.Rendering.Builds;

/// <summary>Cuts a command's output, which comes in pieces, into lines. A carriage return ends a line too: progress bars use it.</summary>
internal sealed class LogLines
{
    private const int LongestLine = 64 * 1024;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _rest = new();

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
            // Escape sequences of a command must not move our cursor.
            _rest.Append(char.IsControl(c) && c != '\t' && c != '\e' ? '\uFFFD' : c);
        }
    }

    /// <summary>What has come without a line's end, if anything.</summary>
    public string? TakeRest() => _rest.Length > 0 ? Flush() : null;

    private string Flush()
    {
        var line = _rest.ToString();
        _rest.Clear();
        return line;
    }
}

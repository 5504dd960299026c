using System.Globalization;
using System.Text;
using Strata.Linux;

namespace Strata.Cli.Rendering;

/// <summary>
/// One of the two streams a verb writes to. It knows whether a person is watching: colours and moving lines are for
/// terminals only. System.Console is not used anywhere, since it takes over the terminal's settings.
/// </summary>
internal sealed class Output
{
    private const int WidthWhenNobodyWatches = 160;

    /// <summary>The least that any terminal has: one that does not tell its size may be as low.</summary>
    private const int UnknownHeight = 24;

    private readonly int _descriptor;
    private readonly Func<string, string?> _environment;

    public Output(int descriptor, Stream stream, Func<string, string?> environment)
    {
        _descriptor = descriptor;
        _environment = environment;
        Writer = new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 16 * 1024) { NewLine = "\n" };
        Bytes = stream;
        IsTerminal = Terminal.IsTerminal(descriptor);
    }

    public TextWriter Writer { get; }

    /// <summary>The same stream for raw bytes; flush <see cref="Writer"/> before writing to it.</summary>
    public Stream Bytes { get; }

    public bool IsTerminal { get; init; }

    /// <summary>A terminal that knows more than to write one line after the other.</summary>
    public bool CanRedraw => IsTerminal && _environment("TERM") != "dumb";

    /// <summary>https://no-color.org</summary>
    public bool HasColours => CanRedraw && string.IsNullOrEmpty(_environment("NO_COLOR"));

    /// <summary>In columns. COLUMNS says more than the terminal does: somebody set it.</summary>
    public int Width => Wanted("COLUMNS") ?? (Terminal.Size(_descriptor)?.Columns is > 0 and var columns ? columns : WidthWhenNobodyWatches);

    /// <summary>In lines. Also LINES says more than the terminal does.</summary>
    public int Height => Wanted("LINES") ?? (Terminal.Size(_descriptor)?.Rows is > 0 and var rows ? rows : UnknownHeight);

    public void Line(string text = "") => Writer.WriteLine(text);

    public void Flush() => Writer.Flush();

    /// <summary>A text of somebody else's: a terminal gets it without what would command it, a file or pipe as it is.</summary>
    public string Shown(string text) => IsTerminal ? TerminalText.TameLines(text) : text;

    public string Bold(string text) => Wrap("1", text);

    public string Dim(string text) => Wrap("2", text);

    public string Red(string text) => Wrap("31", text);

    public string Green(string text) => Wrap("32", text);

    public string Yellow(string text) => Wrap("33", text);

    public string Cyan(string text) => Wrap("36", text);

    private int? Wanted(string variable) =>
        IsTerminal && int.TryParse(_environment(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted > 0 ? wanted : null;

    private string Wrap(string code, string text) => HasColours ? $"\e[{code}m{text}\e[0m" : text;
}

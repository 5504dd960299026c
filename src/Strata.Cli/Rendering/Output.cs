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
    private readonly int _descriptor;

    public Output(int descriptor, Stream stream, Func<string, string?> environment)
    {
        _descriptor = descriptor;
        Writer = new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 16 * 1024) { NewLine = "\n" };
        Bytes = stream;
        IsTerminal = Terminal.IsTerminal(descriptor);
        // https://no-color.org
        HasColours = IsTerminal && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb";
    }

    public TextWriter Writer { get; }

    /// <summary>The same stream for raw bytes; flush <see cref="Writer"/> before writing to it.</summary>
    public Stream Bytes { get; }

    public bool IsTerminal { get; }

    public bool HasColours { get; }

    /// <summary>In columns.</summary>
    public int Width => Terminal.Size(_descriptor)?.Columns is > 0 and var columns ? columns : WidthWhenNobodyWatches;

    public void Line(string text = "") => Writer.WriteLine(text);

    public void Flush() => Writer.Flush();

    public string Bold(string text) => Wrap("1", text);

    public string Dim(string text) => Wrap("2", text);

    public string Red(string text) => Wrap("31", text);

    public string Green(string text) => Wrap("32", text);

    public string Yellow(string text) => Wrap("33", text);

    public string Cyan(string text) => Wrap("36", text);

    private string Wrap(string code, string text) => HasColours ? $"\e[{code}m{text}\e[0m" : text;
}

using System.Text;
using Strata.Cli.Rendering;

namespace Strata.Cli.Tests;

/// <summary>An output that nobody watches unless it is given columns, and what was written to it.</summary>
internal sealed class Captured : IDisposable
{
    private const int NoTerminal = -1;
    private readonly MemoryStream _stream = new();

    private readonly Lazy<Output> _output;

    public Captured() => _output = new Lazy<Output>(() => new Output(NoTerminal, _stream, Variable) { IsTerminal = Columns is not null });

    /// <summary>A terminal of this width; null: no terminal.</summary>
    public int? Columns { get; init; }

    /// <summary>How high the terminal is.</summary>
    public int Lines { get; init; } = 40;

    public bool NoColour { get; init; }

    /// <summary>What TERM says.</summary>
    public string? Kind { get; init; }

    public Output Output => _output.Value;

    public string Text
    {
        get
        {
            Output.Flush();
            return Encoding.UTF8.GetString(_stream.ToArray());
        }
    }

    /// <summary>Starts anew.</summary>
    public void Forget()
    {
        Output.Flush();
        _stream.SetLength(0);
    }

    private string? Variable(string name) => name switch
    {
        "COLUMNS" => Columns?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        "LINES" => Lines.ToString(System.Globalization.CultureInfo.InvariantCulture),
        "TERM" => Kind,
        "NO_COLOR" => NoColour ? "1" : null,
        _ => null,
    };

    public void Dispose() => _stream.Dispose();
}

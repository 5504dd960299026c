using System.Text;
using Strata.Cli.Rendering;

namespace Strata.Cli.Tests;

/// <summary>An output that nobody watches, and what was written to it.</summary>
internal sealed class Captured : IDisposable
{
    private const int NoTerminal = -1;
    private readonly MemoryStream _stream = new();

    public Captured() => Output = new Output(NoTerminal, _stream, _ => null);

    public Output Output { get; }

    public string Text
    {
        get
        {
            Output.Flush();
            return Encoding.UTF8.GetString(_stream.ToArray());
        }
    }

    public void Dispose() => _stream.Dispose();
}

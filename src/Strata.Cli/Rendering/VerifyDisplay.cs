using Strata.Store;

namespace Strata.Cli.Rendering;

/// <summary>How far a verification is, in the terminal's last line, until it is disposed of. Shows nothing where there is no terminal.</summary>
internal sealed class VerifyDisplay(Output output) : IProgress<VerifyProgress>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly LiveRegion? _region = output.CanRedraw ? new LiveRegion(output) : null;
    private bool _isOver;

    public void Report(VerifyProgress value)
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _region?.Draw([new($"{Amounts.Size(value.Done)} / {Amounts.Size(value.Total)} checked")]);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            _region?.Clear();
        }
    }
}

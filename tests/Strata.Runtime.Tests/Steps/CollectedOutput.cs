using System.Text;

namespace Strata.Runtime.Tests.Steps;

internal sealed class CollectedOutput : IStepOutput
{
    private readonly Lock _lock = new();
    private readonly MemoryStream[] _streams = [new(), new()];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When the first byte has come.</summary>
    internal Task FirstByte => _first.Task;

    internal string Output => Text(OutputStream.Output);
    internal string Error => Text(OutputStream.Error);

    public void Write(OutputStream stream, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _streams[(int)stream].Write(bytes);
        }

        _first.TrySetResult();
    }

    private string Text(OutputStream stream)
    {
        lock (_lock)
        {
            return Encoding.UTF8.GetString(_streams[(int)stream].ToArray());
        }
    }
}

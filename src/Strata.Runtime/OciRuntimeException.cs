namespace Strata.Runtime;

/// <summary>What was to run could not be prepared or started, or its watcher was lost; the message is a sentence for the user.</summary>
public sealed class OciRuntimeException : Exception
{
    public OciRuntimeException(string message)
        : base(message)
    {
    }

    public OciRuntimeException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>What a shell would report: 127 not found, 126 not executable, 125 anything else.</summary>
    public int ExitCode { get; init; } = 125;
}

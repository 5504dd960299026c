namespace Strata.Runtime;

public enum OutputStream
{
    Output,
    Error,
}

/// <summary>Where a step's output goes, as it comes. Called from two threads, one for each stream, in no order between them.</summary>
public interface IStepOutput
{
    void Write(OutputStream stream, ReadOnlySpan<byte> bytes);
}

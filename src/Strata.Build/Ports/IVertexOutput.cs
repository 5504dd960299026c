namespace Strata.Build;

public enum OutputStream
{
    Output,
    Error,
}

/// <summary>Takes what a vertex has to tell while it runs. Calls for one vertex may come from several threads.</summary>
public interface IVertexOutput
{
    /// <summary>Bytes as the step wrote them; they are copied during the call.</summary>
    void Write(OutputStream stream, ReadOnlySpan<byte> text);

    /// <summary>How far one transfer is, in bytes; <paramref name="total"/> is null where it isn't known.</summary>
    void Transfer(string id, long current, long? total);
}

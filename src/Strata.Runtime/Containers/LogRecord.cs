namespace Strata.Runtime;

/// <summary>A line of a container's output, its line feed included; a very long line comes in pieces without one.</summary>
public sealed record LogRecord(OutputStream Stream, DateTimeOffset Time, ReadOnlyMemory<byte> Bytes);

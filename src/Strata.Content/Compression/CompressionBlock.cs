namespace Strata.Content.Compression;

/// <summary>
/// One block on its way through the compressor: filled by the writer, compressed by whichever thread is free, written out in order,
/// then used again.
/// </summary>
internal abstract class CompressionBlock(int size) : IDisposable
{
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(size);

    public int Length { get; private set; }

    public bool IsFull => Length == size;

    /// <summary>What <see cref="Compress"/> made of the input.</summary>
    public abstract ReadOnlyMemory<byte> Compressed { get; }

    protected ReadOnlySpan<byte> Input => _input.AsSpan(0, Length);

    /// <summary>Takes what still fits and says how much that was.</summary>
    public int Fill(ReadOnlySpan<byte> content)
    {
        var taken = Math.Min(content.Length, size - Length);
        content[..taken].CopyTo(_input.AsSpan(Length));
        Length += taken;
        return taken;
    }

    public void Clear() => Length = 0;

    public abstract void Compress();

    public abstract void Dispose();
}

using System.Buffers;

namespace Strata.Content.Layers;

/// <summary>The texts and values of an index's records, one after the other.</summary>
internal sealed class IndexHeap
{
    private readonly ArrayBufferWriter<byte> _bytes;

    internal IndexHeap(int expectedBytes) => _bytes = expectedBytes > 0 ? new(expectedBytes) : new();

    internal ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    internal ReadOnlyMemory<byte> Memory => _bytes.WrittenMemory;

    internal uint Add(ReadOnlySpan<byte> value)
    {
        var offset = (uint)_bytes.WrittenCount;
        if (!value.IsEmpty)
        {
            _bytes.Write(value);
        }
        return offset;
    }
}

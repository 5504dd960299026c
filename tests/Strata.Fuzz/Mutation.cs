namespace Strata.Fuzz;

/// <summary>Breaks inputs as fuzzers do: bits, bytes, numbers at their edges, pieces cut, doubled, taken from another input.</summary>
internal sealed class Mutation(int seed, IReadOnlyList<byte[]> inputs)
{
    private const int LargestInput = 256 * 1024;

    private static readonly byte[] Edges = [0x00, 0x01, 0x7F, 0x80, 0xFF, (byte)'0', (byte)'7', (byte)'9', (byte)' ', (byte)'"', (byte)'/', (byte)'\n'];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var bytes = new List<byte>(inputs[_random.Next(inputs.Count)]);
        for (var changes = 1 << _random.Next(5); changes > 0; changes--)
        {
            Change(bytes);
        }
        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = bytes.Count == 0 ? 0 : _random.Next(bytes.Count);
        var length = Math.Min(bytes.Count - at, 1 << _random.Next(10));
        switch (_random.Next(7))
        {
            case 0 when bytes.Count > 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[at] = Edges[_random.Next(Edges.Length)];
                break;
            case 2 when bytes.Count > 0:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4 when bytes.Count + length < LargestInput:
                bytes.InsertRange(_random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 5 when bytes.Count < LargestInput:
                bytes.Insert(at, Edges[_random.Next(Edges.Length)]);
                break;
            default:
                var other = inputs[_random.Next(inputs.Count)];
                var from = _random.Next(other.Length + 1);
                var piece = other.AsSpan(from, Math.Min(other.Length - from, 1 << _random.Next(10)));
                if (bytes.Count + piece.Length < LargestInput)
                {
                    bytes.InsertRange(at, piece.ToArray());
                }
                break;
        }
    }
}

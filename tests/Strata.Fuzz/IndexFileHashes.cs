using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Strata.Fuzz;

/// <summary>
/// An index file proves itself by two hashes, which no mutation would ever get past. They are put right again, so that what lies behind
/// them is reached.
/// </summary>
internal static class IndexFileHashes
{
    private const int HeaderSize = 96;
    private const int RecipeSizeAt = 72;
    private const int HashSize = 32;

    public static byte[] Stamp(byte[] input)
    {
        if (input.Length < HeaderSize + (2 * HashSize))
        {
            return input;
        }
        var file = (byte[])input.Clone();
        var recipeSize = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(RecipeSizeAt));
        var front = file.Length - HashSize - recipeSize;
        if (recipeSize < 0 || front < HeaderSize + HashSize)
        {
            return file;
        }
        SHA256.HashData(file.AsSpan(0, (int)front - HashSize), file.AsSpan((int)front - HashSize));
        SHA256.HashData(file.AsSpan((int)front, (int)recipeSize), file.AsSpan(file.Length - HashSize));
        return file;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Oci;

/// <summary>
/// A path inside an image: bytes (Linux names need not be UTF-8), relative to the image's root, cleaned of empty, <c>.</c>
/// and <c>..</c> parts, without slashes at its ends. The root is the empty path. Ordered by bytes, which is the order of a layer's entries.
/// </summary>
public readonly struct ImagePath : IEquatable<ImagePath>, IComparable<ImagePath>
{
    private const byte Slash = (byte)'/';
    private readonly byte[]? _bytes;

    private ImagePath(byte[] bytes) => _bytes = bytes;

    public static ImagePath Root => default;

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool IsRoot => _bytes is null or [];

    /// <summary>The part after the last slash.</summary>
    public ReadOnlySpan<byte> Name => Bytes[(Bytes.LastIndexOf(Slash) + 1)..];

    /// <summary>The path up to the last slash; the root's parent is the root.</summary>
    public ImagePath Parent
    {
        get
        {
            var slash = Bytes.LastIndexOf(Slash);
            return slash < 0 ? Root : new ImagePath(Bytes[..slash].ToArray());
        }
    }

    /// <summary>
    /// Cleans <paramref name="path"/> as <c>/</c>-rooted: what climbs above the root stays at the root. False where it holds a NUL.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> path, out ImagePath result)
    {
        result = default;
        if (path.Contains((byte)0))
        {
            return false;
        }
        var buffer = new byte[path.Length];
        var length = 0;
        foreach (var range in path.Split(Slash))
        {
            var part = path[range];
            if (part.IsEmpty || part is [(byte)'.'])
            {
                continue;
            }
            if (part is [(byte)'.', (byte)'.'])
            {
                length = Math.Max(0, buffer.AsSpan(0, length).LastIndexOf(Slash));
                continue;
            }
            if (length > 0)
            {
                buffer[length++] = Slash;
            }
            part.CopyTo(buffer.AsSpan(length));
            length += part.Length;
        }
        result = new ImagePath(buffer[..length]);
        return true;
    }

    public static ImagePath Parse(string path) => TryParse(Encoding.UTF8.GetBytes(path), out var result)
        ? result
        : throw new FormatException("A path may not hold a NUL character.");

    /// <summary>Takes bytes that are clean already (from a parsed index, from a walk) without looking at them again.</summary>
    public static ImagePath FromClean(byte[] bytes) => new(bytes);

    /// <summary>This path with one more part.</summary>
    public ImagePath Append(ReadOnlySpan<byte> name)
    {
        if (IsRoot)
        {
            return new ImagePath(name.ToArray());
        }
        var bytes = new byte[Bytes.Length + 1 + name.Length];
        Bytes.CopyTo(bytes);
        bytes[Bytes.Length] = Slash;
        name.CopyTo(bytes.AsSpan(Bytes.Length + 1));
        return new ImagePath(bytes);
    }

    /// <summary>Whether this path is <paramref name="ancestor"/> or lies below it.</summary>
    public bool IsWithin(ImagePath ancestor) => ancestor.IsRoot
        || (Bytes.StartsWith(ancestor.Bytes) && (Bytes.Length == ancestor.Bytes.Length || Bytes[ancestor.Bytes.Length] == Slash));

    public bool Equals(ImagePath other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ImagePath other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    public int CompareTo(ImagePath other) => Bytes.SequenceCompareTo(other.Bytes);

    public static bool operator ==(ImagePath left, ImagePath right) => left.Equals(right);
    public static bool operator !=(ImagePath left, ImagePath right) => !left.Equals(right);
    public static bool operator <(ImagePath left, ImagePath right) => left.CompareTo(right) < 0;
    public static bool operator >(ImagePath left, ImagePath right) => left.CompareTo(right) > 0;
    public static bool operator <=(ImagePath left, ImagePath right) => left.CompareTo(right) <= 0;
    public static bool operator >=(ImagePath left, ImagePath right) => left.CompareTo(right) >= 0;

    /// <summary>With a leading slash; bytes that are no UTF-8 show as U+FFFD, so this is for people only.</summary>
    public override string ToString() => "/" + Encoding.UTF8.GetString(Bytes);
}

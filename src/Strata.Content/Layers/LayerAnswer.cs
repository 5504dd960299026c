using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// What one layer says of a path. <paramref name="Position"/> is that of the entry, -1 where there is none (nothing, or a directory that is only
/// implied); the entries below a directory start at <paramref name="First"/>; <paramref name="HidesLower"/>: lower layers have no say in it.
/// </summary>
internal readonly record struct LayerAnswer(LayerAnswer.Shape Is, int Position, int First, bool HidesLower)
{
    internal enum Shape
    {
        Nothing,
        File,
        Directory,
    }

    private static readonly LayerAnswer Nothing = new(Shape.Nothing, -1, 0, false);

    internal static LayerAnswer To(LayerIndex layer, ImagePath path)
    {
        var bytes = path.Bytes;
        var root = OfGroup(layer, [], 0);
        if (bytes.IsEmpty)
        {
            return root with { Is = Shape.Directory };
        }
        var hides = root.HidesLower;
        for (var length = 0; ;)
        {
            length = NextPart(bytes, length);
            var prefix = bytes[..length];
            var start = layer.LowerBound(prefix);
            var answer = start < layer.Count && PathOrder.IsWithin(layer.PathAt(start), prefix)
                ? OfGroup(layer, prefix, start)
                : Nothing;
            hides |= answer.HidesLower;
            if (length == bytes.Length)
            {
                return answer with { HidesLower = hides };
            }
            if (answer.Is != Shape.Directory)
            {
                return Nothing with { HidesLower = hides };
            }
        }
    }

    /// <summary>Of the entries of one path, which start at <paramref name="start"/>, or, without any, of those below it.</summary>
    internal static LayerAnswer OfGroup(LayerIndex layer, ReadOnlySpan<byte> path, int start)
    {
        var position = -1;
        var isFile = false;
        var isMarked = false;
        var isOpaque = false;
        var next = start;
        // Below a longer path the entries are other paths': lengths tell them apart without comparing.
        for (; next < layer.Count && layer.PathAt(next).Length == path.Length && layer.PathAt(next).SequenceEqual(path); next++)
        {
            switch (layer.KindAt(next))
            {
                case EntryKind.Whiteout:
                    isMarked = true;
                    break;
                case EntryKind.OpaqueWhiteout:
                    isOpaque = true;
                    break;
                default:
                    position = next;
                    isFile = layer.KindAt(next) != EntryKind.Directory;
                    break;
            }
        }
        if (isFile)
        {
            return new LayerAnswer(Shape.File, position, next, true);
        }
        var hasBelow = next < layer.Count && PathOrder.IsWithin(layer.PathAt(next), path);
        var isDirectory = position >= 0 || isOpaque || hasBelow;
        return new LayerAnswer(isDirectory ? Shape.Directory : Shape.Nothing, position, next, isMarked || isOpaque);
    }

    private static int NextPart(ReadOnlySpan<byte> path, int from)
    {
        var start = from == 0 ? 0 : from + 1;
        var slash = path[start..].IndexOf((byte)'/');
        return slash < 0 ? path.Length : start + slash;
    }
}

namespace Strata.Content.Layers;

/// <summary>Finds paths, and all that lies below one, among <see cref="IPathsInOrder"/>.</summary>
public static class PathSearch
{
    /// <summary>The first position whose path is not before <paramref name="path"/>.</summary>
    public static int LowerBound<T>(T paths, ReadOnlySpan<byte> path)
        where T : struct, IPathsInOrder
    {
        var (low, high) = (0, paths.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (PathOrder.Compare(paths[middle], path) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    /// <summary>Where those of a path and of what is below it end, searched from a position that is not before its first.</summary>
    public static int EndOf<T>(T paths, ReadOnlySpan<byte> path, int from)
        where T : struct, IPathsInOrder
    {
        // Most directories are small: look near before looking far.
        var step = 1;
        var low = from;
        while (low + step <= paths.Count && PathOrder.IsWithin(paths[low + step - 1], path))
        {
            low += step;
            step *= 2;
        }
        var high = Math.Min(low + step - 1, paths.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (PathOrder.IsWithin(paths[middle], path))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    /// <summary>Those below a directory, itself excluded; they follow one another.</summary>
    public static (int First, int Count) Below<T>(T paths, ReadOnlySpan<byte> directory)
        where T : struct, IPathsInOrder
    {
        var first = LowerBound(paths, directory);
        while (first < paths.Count && paths[first].SequenceEqual(directory))
        {
            first++;
        }
        return (first, EndOf(paths, directory, first) - first);
    }
}

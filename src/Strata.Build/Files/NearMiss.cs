using System.Text;
using Strata.Content.Layers;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Finds what somebody who named a file that isn't there may have meant.</summary>
internal static class NearMiss
{
    private const int MostEntries = 200_000;
    private const int Distance = 2;

    /// <summary>A file with nearly this name in the same folder, or with this name in another.</summary>
    public static ImagePath? Find(ISourceTree tree, ImagePath missing, CancellationToken ct)
    {
        var name = Encoding.UTF8.GetString(missing.Name);
        ImagePath? best = null;
        var bestDistance = Distance + 1;
        if (tree.Find(missing.Parent) is { IsDirectory: true })
        {
            foreach (var sibling in tree.Children(missing.Parent))
            {
                var distance = DistanceOf(name, Encoding.UTF8.GetString(sibling.Path.Name));
                Consider(sibling.Path, distance < name.Length ? distance : int.MaxValue);
            }
        }
        if (best is not null)
        {
            return best;
        }
        bestDistance = int.MaxValue;
        foreach (var entry in tree.Walk(ImagePath.Root, ct).Take(MostEntries))
        {
            if (entry.Path.Name.SequenceEqual(missing.Name) && entry.Kind != EntryKind.SymbolicLink)
            {
                Consider(entry.Path, entry.Path.Bytes.Count((byte)'/'));
            }
        }
        return best;

        void Consider(ImagePath path, int distance)
        {
            if (distance < bestDistance)
            {
                (best, bestDistance) = (path, distance);
            }
        }
    }

    /// <summary>Levenshtein's, case aside; more than needed when the lengths say enough.</summary>
    private static int DistanceOf(string wanted, string found)
    {
        if (Math.Abs(wanted.Length - found.Length) > Distance)
        {
            return Distance + 1;
        }
        var previous = new int[found.Length + 1];
        var current = new int[found.Length + 1];
        for (var j = 0; j <= found.Length; j++)
        {
            previous[j] = j;
        }
        for (var i = 1; i <= wanted.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= found.Length; j++)
            {
                var same = char.ToUpperInvariant(wanted[i - 1]) == char.ToUpperInvariant(found[j - 1]);
                current[j] = Math.Min(previous[j - 1] + (same ? 0 : 1), Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[found.Length];
    }
}

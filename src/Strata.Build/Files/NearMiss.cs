using System.Text;
using Strata.Content.Layers;
using Strata.Dockerfile;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Finds what somebody who named a file that isn't there may have meant.</summary>
internal static class NearMiss
{
    private const int MostEntries = 200_000;

    /// <summary>A file with nearly this name in the same folder, or with this name in another.</summary>
    public static ImagePath? Find(ISourceTree tree, ImagePath missing, CancellationToken cancellationToken) => Sibling(tree, missing) ?? Elsewhere(tree, missing, cancellationToken);

    private static ImagePath? Sibling(ISourceTree tree, ImagePath missing)
    {
        if (tree.Find(missing.Parent) is not { IsDirectory: true })
        {
            return null;
        }
        var siblings = tree.Children(missing.Parent).Select(sibling => sibling.Path).ToList();
        var near = Suggestion.For(NameOf(missing), siblings.Select(NameOf), ignoreCase: true);
        return near is null ? null : siblings.Find(path => NameOf(path) == near);
    }

    /// <summary>The one that lies highest.</summary>
    private static ImagePath? Elsewhere(ISourceTree tree, ImagePath missing, CancellationToken cancellationToken)
    {
        ImagePath? best = null;
        var bestDepth = int.MaxValue;
        foreach (var entry in tree.Walk(ImagePath.Root, cancellationToken).Take(MostEntries))
        {
            if (entry.Path.Name.SequenceEqual(missing.Name) && entry.Kind != EntryKind.SymbolicLink
                && entry.Path.Bytes.Count((byte)'/') is var depth && depth < bestDepth)
            {
                (best, bestDepth) = (entry.Path, depth);
            }
        }
        return best;
    }

    private static string NameOf(ImagePath path) => Encoding.UTF8.GetString(path.Name);
}

using System.Text;
using Strata.Content.Layers;
using Strata.Dockerfile;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Finds what the sources of a COPY name: the same rules for a context, a stage and an image.</summary>
internal sealed class CopySelector(CopyOp op, ISourceTree? tree, CancellationToken cancellationToken)
{
    private readonly PathPatterns _excludes = PathPatterns.TryParse(op.Excludes, out var excludes, out var problem)
        ? excludes
        : throw new CopyException($"--exclude: {problem}");

    /// <summary>In the order they are written. A pattern may find nothing; a name may not.</summary>
    public IReadOnlyList<SourceMatch> Select(ICollection<string> warnings)
    {
        var matches = new List<SourceMatch>();
        foreach (var source in op.Sources)
        {
            switch (source)
            {
                case CopySource.Inline inline:
                    matches.Add(Inline(inline));
                    break;
                case CopySource.Path path:
                    SelectPath(path.Pattern, matches, warnings);
                    break;
            }
        }
        return matches;
    }

    private static SourceMatch Inline(CopySource.Inline source)
    {
        var name = ImagePath.Parse(source.Name);
        var entry = new SourceEntry
        {
            Path = name,
            Kind = EntryKind.Regular,
            Mode = 0x1A4,
            Size = source.Content.Length,
            Modified = default,
            Content = new FileContent(Digest.Of(source.Content.Span), []),
            Inline = source.Content,
        };
        return new SourceMatch(name, [new SelectedEntry(ImagePath.Root, entry)], IsDirectory: false);
    }

    private void SelectPath(string pattern, List<SourceMatch> matches, ICollection<string> warnings)
    {
        if (!GlobPath.TryParse(pattern, out var glob, out var problem))
        {
            throw new CopyException($"\"{pattern}\": {problem}");
        }
        if (glob.IsLiteral)
        {
            var path = ImagePath.Parse(string.Join('/', glob.Elements.Select(element => element.Literal)));
            matches.Add(Match(path) ?? throw Missing(path));
            return;
        }
        var found = 0;
        foreach (var path in Expand(glob))
        {
            if (Match(path) is { } match)
            {
                matches.Add(match);
                found++;
            }
        }
        if (found == 0)
        {
            warnings.Add($"\"{pattern}\" matches nothing in {tree!.Description}");
        }
    }

    private List<ImagePath> Expand(GlobPath glob)
    {
        var folders = new List<ImagePath> { ImagePath.Root };
        foreach (var element in glob.Elements)
        {
            var next = new List<ImagePath>();
            foreach (var folder in folders)
            {
                if (element.IsLiteral)
                {
                    next.Add(folder.Append(Encoding.UTF8.GetBytes(element.Literal)));
                }
                else if (Follow(folder) is { IsDirectory: true } directory)
                {
                    next.AddRange(tree!.Children(directory.Path)
                        .Where(child => element.Matches(child.Path.Name))
                        .Select(child => folder.Append(child.Path.Name)));
                }
            }
            folders = next;
        }
        return folders;
    }

    /// <summary>What is at a path with every link followed; null where there's nothing.</summary>
    private SourceEntry? Follow(ImagePath path)
    {
        var real = LinkResolver.Resolve(path, at => tree!.Find(at) is { } entry ? (entry.Kind, entry.LinkTarget) : null);
        return real is { } target ? tree!.Find(target) : null;
    }

    private SourceMatch? Match(ImagePath path)
    {
        if (Follow(path) is not { } entry)
        {
            return null;
        }
        if (!entry.IsDirectory)
        {
            RefuseMarks(path);
            var isArchive = op.Unpack && entry.IsRegular && tree is ContextTree context && UnpackedArchive.IsArchive(context, entry);
            return _excludes.MatchesOrParent(path.Name)
                ? new SourceMatch(path, [], IsDirectory: true)
                : new SourceMatch(path, [new SelectedEntry(ImagePath.Root, entry)], IsDirectory: false) { IsArchive = isArchive };
        }
        var all = tree!.Walk(entry.Path, cancellationToken);
        foreach (var below in all)
        {
            RefuseMarks(below.Path);
        }
        var kept = _excludes.IsEmpty ? null : Kept(new SelectedEntries(all, entry.Path, null));
        return new SourceMatch(path, new SelectedEntries(all, entry.Path, kept), IsDirectory: true);
    }

    /// <summary>Leaves out what is excluded; a folder stays where something in it does.</summary>
    private List<int> Kept(SelectedEntries selected)
    {
        var kept = new List<int>();
        ImagePath latest = default;
        for (var i = selected.Count - 1; i >= 0; i--)
        {
            var path = selected[i].Relative;
            // Backwards, so what is in a folder has been decided, and the latest kept lies in it if any does.
            if (!_excludes.MatchesOrParent(path.Bytes) || (kept.Count > 0 && latest.IsWithin(path)))
            {
                kept.Add(i);
                latest = path;
            }
        }
        kept.Reverse();
        return kept;
    }

    private static void RefuseMarks(ImagePath path)
    {
        if (path.Name.StartsWith(".wh."u8))
        {
            throw new CopyException($"\"{path}\" can't be in an image: names that begin with .wh. mark deleted files in a layer; rename it or exclude it");
        }
    }

    private CopyException Missing(ImagePath path)
    {
        if (tree!.WhyHidden(path) is { } why)
        {
            return new CopyException($"\"{path}\" is excluded from {tree.Description} by {why}; add a line !{path.ToString()[1..]} below it, or take the line out");
        }
        if (tree.Find(path) is { Kind: EntryKind.SymbolicLink } link)
        {
            return new CopyException($"\"{path}\" is a link to {Encoding.UTF8.GetString(link.LinkTarget.Span)}, which is not in {tree.Description}");
        }
        var hint = NearMiss.Find(tree, path, cancellationToken) is { } near ? $"; did you mean {near.ToString()[1..]}?" : "";
        return new CopyException($"\"{path}\" is not in {tree.Description}{hint}");
    }
}

/// <param name="Path">As it was named, links not followed; its last part names a file that goes into a directory.</param>
/// <param name="Entries">Of a directory: all below it. Of a file: that one.</param>
internal sealed record SourceMatch(ImagePath Path, IReadOnlyList<SelectedEntry> Entries, bool IsDirectory)
{
    /// <summary>A file that is put in place unpacked.</summary>
    public bool IsArchive { get; init; }
}

/// <param name="Relative">Below the match; the root for a match that is a file.</param>
internal readonly record struct SelectedEntry(ImagePath Relative, SourceEntry Entry);

using Strata.Content.Layers;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Compares the layers of one stack by their indexes alone; nothing is unpacked.</summary>
/// <param name="indexes">The lowest first; null where the content is not here.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class LayerComparison(LayerIndex?[] indexes, CancellationToken cancellationToken)
{
    private readonly LayerIndex[] _known = [.. indexes.OfType<LayerIndex>()];

    // Of every known layer: its place in the stack, and by position who hides the entry.
    private readonly int[] _numbers = [.. Enumerable.Range(0, indexes.Length).Where(number => indexes[number] is not null)];
    private readonly int?[][] _hiddenBy = [.. indexes.OfType<LayerIndex>().Select(index => new int?[index.Count])];

    public ImageLayers Report(StoredImage image, IReadOnlyList<ImageStep> steps, ILookup<Digest, string> sharing)
    {
        var reports = steps.Select((step, number) => new LayerReport
        {
            Number = number,
            Layer = step.Layer!.Value,
            Step = step,
            SharedWith = [.. sharing[step.Layer!.Value].Distinct()],
        }).ToArray();
        for (var known = 0; known < _known.Length; known++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            reports[_numbers[known]] = Changes(reports[_numbers[known]], known);
        }
        var visible = Visible();
        var files = new List<LayerFile>();
        var wasted = new List<LayerFile>();
        for (var known = 0; known < _known.Length; known++)
        {
            Sort(known, visible[known], files, wasted);
        }
        foreach (var file in wasted)
        {
            reports[file.Layer] = reports[file.Layer] with { WastedBytes = reports[file.Layer].WastedBytes + file.Size };
            if (file.HiddenBy is { } hider)
            {
                reports[hider] = reports[hider] with { HiddenBytes = reports[hider].HiddenBytes + file.Size };
            }
        }
        return new ImageLayers { Image = image, Layers = reports, Visible = Largest(files), Wasted = Largest(wasted) };
    }

    private LayerReport Changes(LayerReport report, int known)
    {
        var index = _known[known];
        var below = MergedTree.Of(_known[..known]);
        var changes = new List<LayerChange>();
        var (added, changed, deleted) = (0, 0, 0);
        long bytes = 0;
        for (var position = 0; position < index.Count; position++)
        {
            var entry = index[position];
            var under = known == 0 ? null : below.Find(entry.Path);
            if (entry.IsWhiteout)
            {
                // What is opaque is a directory: a file that had its name below is hidden with it.
                var (files, size) = Hide(below, under, known, withSelf: entry.Kind == EntryKind.Whiteout || under is { Entry.IsDirectory: false });
                if (under is { } gone && (files > 0 || gone.Entry.IsDirectory))
                {
                    deleted += files;
                    changes.Add(new LayerChange(ChangeKind.Deleted, entry.Path, size, gone.Entry.IsDirectory));
                }
                continue;
            }
            bytes += entry.Kind == EntryKind.Regular ? entry.Size : 0;
            if (entry.IsDirectory && under is { Entry.IsDirectory: true })
            {
                continue;
            }
            var isChange = under is { } old && !IsHidden(old);
            Hide(below, under, known, withSelf: true);
            changes.Add(new LayerChange(isChange ? ChangeKind.Changed : ChangeKind.Added, entry.Path, entry.Size, entry.IsDirectory));
            added += entry.IsDirectory || isChange ? 0 : 1;
            changed += isChange ? 1 : 0;
        }
        return report with
        {
            TarSize = index.TarSize,
            Entries = index.Count,
            FileBytes = bytes,
            Added = added,
            Changed = changed,
            Deleted = deleted,
            Changes = changes,
        };
    }

    /// <summary>Notes who hides an entry of the layers below, and all below it; how many files that are which nobody has hidden before.</summary>
    private (int Files, long Size) Hide(MergedTree below, MergedEntry? top, int by, bool withSelf)
    {
        if (top is not { } entry)
        {
            return default;
        }
        var (files, size) = (0, 0L);
        IEnumerable<MergedEntry> all = entry.Entry.IsDirectory ? below.Walk(entry.Path) : [];
        foreach (var hidden in withSelf ? all.Prepend(entry) : all)
        {
            if (hidden.Position < 0 || IsHidden(hidden))
            {
                continue;
            }
            _hiddenBy[hidden.Layer][hidden.Position] = _numbers[by];
            files += hidden.Entry.IsDirectory ? 0 : 1;
            size += hidden.Entry.Kind == EntryKind.Regular ? hidden.Entry.Size : 0;
        }
        return (files, size);
    }

    private bool IsHidden(MergedEntry entry) => entry.Position >= 0 && _hiddenBy[entry.Layer][entry.Position] is not null;

    private bool[][] Visible()
    {
        var visible = Array.ConvertAll(_known, index => new bool[index.Count]);
        foreach (var entry in MergedTree.Of(_known).Walk(ImagePath.Root))
        {
            if (entry.Position >= 0)
            {
                visible[entry.Layer][entry.Position] = true;
            }
        }
        return visible;
    }

    private void Sort(int known, bool[] visible, List<LayerFile> files, List<LayerFile> wasted)
    {
        var index = _known[known];
        // A file is seen as long as one of its names is.
        var seenByAnotherName = new HashSet<ImagePath>();
        for (var position = 0; position < index.Count; position++)
        {
            if (visible[position] && index[position] is { Kind: EntryKind.HardLink } link)
            {
                seenByAnotherName.Add(ImagePath.FromClean(link.LinkTarget.ToArray()));
            }
        }
        for (var position = 0; position < index.Count; position++)
        {
            if (index[position] is not { Kind: EntryKind.Regular } file)
            {
                continue;
            }
            var seen = visible[position] || seenByAnotherName.Contains(file.Path);
            (seen ? files : wasted).Add(new LayerFile(file.Path, file.Size, _numbers[known], seen ? null : _hiddenBy[known][position] ?? Replacer(known, file.Path)));
        }
    }

    /// <summary>A layer may make a directory of a file without having an entry for it: by having one for something in it.</summary>
    private int? Replacer(int known, ImagePath path)
    {
        for (var above = known + 1; above < _known.Length; above++)
        {
            if (_known[above].Below(path).Count > 0)
            {
                return _numbers[above];
            }
        }
        return null;
    }

    private static List<LayerFile> Largest(List<LayerFile> files)
    {
        files.Sort((x, y) => y.Size != x.Size ? y.Size.CompareTo(x.Size) : x.Path.CompareTo(y.Path));
        return files;
    }
}

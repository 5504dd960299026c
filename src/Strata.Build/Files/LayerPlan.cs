using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// The entries of a layer to come, over the tree it will lie on. It keeps what an overlay needs: every entry's parents are in the
/// layer too, a directory never replaces a file, nor a file a directory.
/// </summary>
/// <param name="below">What the layers below show.</param>
/// <param name="time">For the directories it makes itself.</param>
/// <param name="expected">How many entries there will be, about.</param>
internal sealed class LayerPlan(MergedTree below, FileTime time, int expected = 0)
{
    private readonly Dictionary<ImagePath, PlannedEntry> _entries = new(expected);

    // Directories that are new: nothing below them can exist underneath.
    private readonly HashSet<ImagePath> _made = [];

    /// <summary>The path with links followed, parts that don't exist kept.</summary>
    public ImagePath Resolve(ImagePath path) => LinkResolver.Resolve(path, At)
        ?? throw new CopyException($"\"{path}\" leads through links in circles");

    public EntryKind? KindAt(ImagePath path) => At(path)?.Kind;

    /// <summary>Makes a directory and those it lies in, where they aren't there: mode 0755. The path holds no links.</summary>
    public void MakeDirectories(ImagePath path, uint userId, uint groupId)
    {
        switch (KindAt(path))
        {
            case EntryKind.Directory:
                return;
            case not null:
                throw new CopyException($"\"{path}\" is not a directory, so nothing can be put into it");
        }
        MakeDirectories(path.Parent, userId, groupId);
        _made.Add(path);
        Put(new PlannedEntry(new LayerEntry
        {
            Path = path,
            Kind = EntryKind.Directory,
            Mode = 0x1ED,
            UserId = userId,
            GroupId = groupId,
            Modified = time,
        }));
    }

    /// <summary>Adds an entry whose parent exists, in place of what is there.</summary>
    public void Put(PlannedEntry entry)
    {
        var path = entry.Header.Path;
        switch (KindAt(path))
        {
            case EntryKind.Directory when !entry.Header.IsDirectory:
                throw new CopyException($"\"{path}\" is a directory and can't be replaced by a file");
            case not (null or EntryKind.Directory) when entry.Header.IsDirectory:
                throw new CopyException($"\"{path}\" is not a directory and can't be replaced by one");
            case null when entry.Header.IsDirectory:
                _made.Add(path);
                break;
        }
        KeepParents(path.Parent);
        _entries[path] = entry;
    }

    /// <summary>As a layer has them; names of one file are links to the first of them.</summary>
    public IReadOnlyList<PlannedEntry> InOrder()
    {
        var ordered = _entries.Values.ToArray();
        Array.Sort(ordered, (x, y) => PathOrder.Compare(x.Header.Path.Bytes, y.Header.Path.Bytes));
        var first = new Dictionary<(int, LinkIdentity), ImagePath>();
        for (var i = 0; i < ordered.Length; i++)
        {
            if (ordered[i] is not { Source: { IsRegular: true, Link: { } link } } entry)
            {
                continue;
            }
            if (!first.TryAdd((entry.Group, link), entry.Header.Path))
            {
                var target = first[(entry.Group, link)].Bytes.ToArray();
                ordered[i] = new PlannedEntry(entry.Header with { Kind = EntryKind.HardLink, LinkTarget = target });
            }
        }
        return ordered;
    }

    private (EntryKind Kind, ReadOnlyMemory<byte> Target)? At(ImagePath path)
    {
        if (_entries.TryGetValue(path, out var planned))
        {
            return (planned.Header.Kind, planned.Header.LinkTarget);
        }
        if (!path.IsRoot && _made.Contains(path.Parent))
        {
            return null;
        }
        return below.Find(path) is { } found ? (found.Entry.Kind, found.Entry.LinkTarget) : null;
    }

    private void KeepParents(ImagePath directory)
    {
        for (; !directory.IsRoot && !_entries.ContainsKey(directory); directory = directory.Parent)
        {
            if (below.Find(directory) is not { Entry: { IsDirectory: true } kept })
            {
                throw new InvalidOperationException($"A layer was planned with an entry in {directory}, which is no directory.");
            }
            _entries.Add(directory, new PlannedEntry(kept with { Path = directory }));
        }
    }
}

/// <param name="Header">Without content; its path is the one in the image.</param>
/// <param name="Source">Where the content comes from; null for what has none.</param>
/// <param name="Content">What the content must turn out to be.</param>
/// <param name="Group">Only files of one group are names of one file.</param>
internal sealed record PlannedEntry(LayerEntry Header, SourceEntry? Source = null, FileContent? Content = null, int Group = 0);

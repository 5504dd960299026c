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
/// <param name="entries">Takes them.</param>
internal sealed class LayerPlan(MergedTree below, FileTime time, PlanTable entries)
{
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
        }), null);
    }

    /// <summary>Adds an entry whose parent exists, in place of what is there.</summary>
    /// <param name="number">Of one that is copied, in its group; null for another.</param>
    public void Put(PlannedEntry entry, int? number)
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
        entries.Put(entry, number);
    }

    public PlannedLayer InOrder() => new(entries);

    private (EntryKind Kind, ReadOnlyMemory<byte> Target)? At(ImagePath path)
    {
        if (entries.Find(path) is { } planned)
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
        for (; !directory.IsRoot && entries.Find(directory) is null; directory = directory.Parent)
        {
            if (below.Find(directory) is not { Entry: { IsDirectory: true } kept })
            {
                throw new InvalidOperationException($"A layer was planned with an entry in {directory}, which is no directory.");
            }
            entries.Put(new PlannedEntry(kept with { Path = directory }), null);
        }
    }
}

/// <param name="Header">Without content; its path is the one in the image.</param>
/// <param name="Source">Where the content comes from; null for what has none.</param>
/// <param name="Content">What the content must turn out to be.</param>
/// <param name="Group">Only files of one group are names of one file.</param>
internal sealed record PlannedEntry(LayerEntry Header, SourceEntry? Source = null, FileContent? Content = null, int Group = 0);

using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Decides where each selected file goes, as COPY does (builder rules: directories give their content, files go into directories).</summary>
internal sealed class CopyPlanner(CopyOp op, CopySelection selection, (uint UserId, uint GroupId)? owner)
{
    // Where the entries of each match go.
    private readonly List<Target> _targets = [];

    /// <param name="inputTime">The newest time of what lies below; what is made here gets it, or a newer one of a copied file.</param>
    public PlannedLayer Plan(MergedTree below, FileTime inputTime)
    {
        var time = inputTime.Latest(selection.Newest);
        var plan = new LayerPlan(below, time, new PlanTable(Planned, selection.Matches.Sum(match => match.Entries.Count)));
        var destination = plan.Resolve(op.Destination);
        var kind = plan.KindAt(destination);
        var isDirectory = kind == EntryKind.Directory || (op.IntoDirectory && kind is null);
        var files = selection.Matches.Count(match => !match.IsDirectory);
        if (kind is not (null or EntryKind.Directory) && (op.IntoDirectory || files < selection.Matches.Count))
        {
            throw new CopyException($"\"{op.Destination}\" is not a directory, so nothing can be put into it");
        }
        if (files > 1 && !isDirectory && files == selection.Matches.Count)
        {
            throw new CopyException($"{files} files match, and \"{op.Destination}\" is not a directory; end it with / to make it one");
        }
        for (var group = 0; group < selection.Matches.Count; group++)
        {
            var match = selection.Matches[group];
            if (match.IsDirectory || isDirectory)
            {
                MakeDirectories(plan, destination);
                isDirectory = true;
            }
            else
            {
                MakeDirectories(plan, destination.Parent);
            }
            _targets.Add(new Target(destination, isDirectory, time));
            for (var number = 0; number < match.Entries.Count; number++)
            {
                plan.Put(Planned(group, number), number);
            }
        }
        return plan.InOrder();
    }

    private void MakeDirectories(LayerPlan plan, ImagePath path) => plan.MakeDirectories(path, owner?.UserId ?? 0, owner?.GroupId ?? 0);

    private PlannedEntry Planned(int group, int number)
    {
        var match = selection.Matches[group];
        var (relative, entry) = match.Entries[number];
        var (destination, isDirectory, time) = _targets[group];
        var content = selection.ContentOf(group, number, entry);
        var header = new LayerEntry
        {
            Path = isDirectory ? destination.Append(match.IsDirectory ? relative.Bytes : match.Path.Name) : destination,
            Kind = entry.Kind,
            Mode = op.Mode is { } change && entry.Kind != EntryKind.SymbolicLink ? change.Apply(entry.Mode, entry.IsDirectory) : entry.Mode,
            UserId = owner?.UserId ?? entry.UserId,
            GroupId = owner?.GroupId ?? entry.GroupId,
            Size = entry.Size,
            Modified = entry.Inline is null ? entry.Modified : time,
            LinkTarget = entry.LinkTarget,
            DeviceMajor = entry.DeviceMajor,
            DeviceMinor = entry.DeviceMinor,
            Xattrs = content?.Xattrs ?? [],
        };
        return new PlannedEntry(header, entry.IsRegular ? entry : null, content, group);
    }

    /// <param name="Destination">The directory that entries go into, or what the one entry becomes.</param>
    /// <param name="Time">For what comes from no file.</param>
    private readonly record struct Target(ImagePath Destination, bool IsDirectory, FileTime Time);
}

using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The file system of an image or stage as a source of copies; nothing of it is unpacked.</summary>
internal sealed class ImageTree(MergedTree tree, IReadOnlyList<LayerIndex> layers, string description) : ISourceTree
{
    public string Description { get; } = description;

    public SourceEntry? Find(ImagePath path) => tree.Find(path) is { } found ? Entry(found) : null;

    public IEnumerable<SourceEntry> Children(ImagePath directory) => tree.Children(directory).Select(Entry);

    public IReadOnlyList<SourceEntry> Walk(ImagePath directory, CancellationToken cancellationToken)
    {
        var entries = new List<SourceEntry>();
        foreach (var found in tree.Walk(directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            entries.Add(Entry(found));
        }
        return entries;
    }

    public string? WhyHidden(ImagePath path) => null;

    private SourceEntry Entry(MergedEntry found)
    {
        var entry = found.Entry;
        // A further name's content is its first name's, which may itself be hidden by now.
        var first = entry.Kind == EntryKind.HardLink ? ImagePath.FromClean(entry.LinkTarget.ToArray()) : found.Path;
        return new SourceEntry
        {
            Path = found.Path,
            Kind = entry.Kind == EntryKind.HardLink ? EntryKind.Regular : entry.Kind,
            Mode = entry.Kind == EntryKind.SymbolicLink ? 0x1FFu : entry.Mode,
            UserId = entry.UserId,
            GroupId = entry.GroupId,
            Size = entry.Size,
            Modified = new FileTime(entry.Modified.Seconds, 0),
            LinkTarget = entry.Kind == EntryKind.SymbolicLink ? entry.LinkTarget : default,
            DeviceMajor = entry.DeviceMajor,
            DeviceMinor = entry.DeviceMinor,
            Link = entry.IsFile ? new LinkIdentity((ulong)found.Layer, 0, first) : null,
            Layer = found.Layer,
            Position = entry.Kind == EntryKind.HardLink ? layers[found.Layer].Find(first) : found.Position,
            Content = entry is { IsFile: true, Content: { } digest } ? new FileContent(digest, entry.Xattrs) : null,
        };
    }
}

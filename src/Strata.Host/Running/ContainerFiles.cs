using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Host.Running;

/// <summary>Files of an image that are wanted before it runs.</summary>
/// <param name="tree">Of the image's layers.</param>
/// <param name="snapshots">Of the same layers, lowest first.</param>
internal sealed class ContainerFiles(MergedTree tree, IReadOnlyList<string> snapshots)
{
    /// <summary>At most <paramref name="limit"/> bytes of it; empty where there is no such file.</summary>
    public ReadOnlyMemory<byte> Read(string path, int limit) => tree.Resolve(ImagePath.Parse(path), followLast: true) switch
    {
        // Small files lie in a layer's index; a larger one is in the topmost snapshot that has the path.
        { Entry.Inline: { Length: > 0 } content } => content,
        { Entry.IsFile: true } found => snapshots.Reverse().Select(snapshot => ReadFrom(snapshot, found.Path, limit)).FirstOrDefault(bytes => bytes is not null),
        _ => default,
    };

    private static byte[]? ReadFrom(string snapshot, ImagePath path, int limit)
    {
        using var root = RootedDirectory.Open(snapshot);
        if (root.Status(path.Bytes) is not { Kind: FileKind.Regular } status)
        {
            return null;
        }
        using var file = root.OpenRead(path.Bytes);
        var content = new byte[Math.Min(status.Size, limit)];
        var length = 0;
        while (length < content.Length && RandomAccess.Read(file, content.AsSpan(length), length) is > 0 and var count)
        {
            length += count;
        }
        return content[..length];
    }
}

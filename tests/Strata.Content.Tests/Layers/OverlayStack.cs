using System.Security.Cryptography;
using System.Text;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Layers;

/// <summary>Layers extracted, mounted by the kernel, and looked at.</summary>
internal sealed class OverlayStack : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _directories = [];
    private readonly List<LayerIndex> _indexes = [];
    private bool _isMounted;

    internal MergedTree Tree => MergedTree.Of(_indexes);

    internal string Root => _folder.File("root");

    internal string Upper => _folder.File("upper");

    /// <summary>Extracts the layer in a way that must make no difference: as it is read, or from its index.</summary>
    internal void Add(byte[] tar, bool indexed = false)
    {
        var lower = Tree;
        var directory = _folder.File("layer" + _directories.Count);
        var options = new ExtractOptions { Lower = () => lower };
        Directory.CreateDirectory(directory);
        var index = LayerExtractor.Extract(new MemoryStream(tar), directory, options, CancellationToken.None);
        if (indexed && IndexedExtractor.CanExtract(index))
        {
            HostFile.RemoveTree(directory);
            Directory.CreateDirectory(directory);
            var file = _folder.File("tar" + _directories.Count);
            System.IO.File.WriteAllBytes(file, tar);
            using var handle = System.IO.File.OpenHandle(file);
            IndexedExtractor.Extract(index, handle, directory, options, CancellationToken.None);
        }
        _indexes.Add(index);
        _directories.Add(directory);
    }

    internal void Mount(bool writable)
    {
        Directory.CreateDirectory(Root);
        var lowers = Enumerable.Reverse(_directories).ToList();
        if (writable)
        {
            Directory.CreateDirectory(Upper);
            Directory.CreateDirectory(_folder.File("work"));
        }
        Mounts.Overlay(Root, lowers, writable ? Upper : null, writable ? _folder.File("work") : null, OverlayFlavor.Trusted);
        _isMounted = true;
    }

    internal void Unmount()
    {
        if (_isMounted)
        {
            Mounts.Unmount(Root, detach: false);
            _isMounted = false;
        }
    }

    /// <summary>A line for each thing the mount shows.</summary>
    internal List<string> Shown()
    {
        var lines = new List<string>();
        TreeWalk.Run(Root, (in TreeEntry entry) =>
        {
            var status = entry.Status;
            var kind = status.Kind switch
            {
                FileKind.Socket => EntryKind.Regular,
                var other => Enum.Parse<EntryKind>(other.ToString()),
            };
            lines.Add(Sample.Describe(new LayerEntry
            {
                Path = ImagePath.FromClean(entry.Path.ToArray()),
                Kind = kind,
                Mode = status.Mode,
                UserId = status.UserId,
                GroupId = status.GroupId,
                Size = kind == EntryKind.Regular ? status.Size : 0,
                Modified = status.Modified,
                DeviceMajor = status.RDevMajor,
                DeviceMinor = status.RDevMinor,
                LinkTarget = kind == EntryKind.SymbolicLink ? entry.ReadLink() : default(ReadOnlyMemory<byte>),
                Content = kind == EntryKind.Regular ? Hash(entry) : null,
                Xattrs = [.. entry.Xattrs().Where(x => x.Key.StartsWith("user.", StringComparison.Ordinal))],
            }));
            return true;
        }, CancellationToken.None);
        return lines;
    }

    internal static List<string> Expected(MergedTree tree) => [.. tree.Walk(ImagePath.Root).Select(e => Sample.Describe(e.Entry))];

    public void Dispose()
    {
        Unmount();
        // The framework's way stumbles over whiteouts and directories without permissions.
        HostFile.RemoveTree(_folder.Path);
        _folder.Dispose();
    }

    private static Digest Hash(in TreeEntry entry)
    {
        using var file = entry.OpenRead();
        var content = new byte[entry.Status.Size];
        RandomAccess.Read(file, content, 0);
        return Digest.FromHash(DigestAlgorithm.Sha256, SHA256.HashData(content));
    }
}

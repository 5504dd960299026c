using System.Text;
using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Content.Tar;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Fuzz.Targets;

/// <summary>
/// The documents of a layout (index.json, oci-layout) and of a docker archive (manifest.json, repositories), as files. Documents are
/// divided by NUL: two lists, then blobs, each under its true digest, so that a changed list still leads to them.
/// </summary>
internal static class LayoutTarget
{
    private const int MaxDocuments = 32;

    public static void Read(byte[] input)
    {
        var documents = Split(input);
        var blobs = documents.Skip(2).Select(blob => (Name: LayoutPaths.Of(Digest.Of(blob)), Content: blob)).DistinctBy(blob => blob.Name).ToList();
        List<(string Name, byte[] Content)> layout = [(LayoutPaths.Index, documents[0]), (LayoutPaths.Marker, documents[1]), .. blobs];
        using var folder = new TemporaryFolder();
        foreach (var (name, content) in layout)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
            File.WriteAllBytes(folder.File(name), content);
        }
        var listed = Refusable.Run(() => ReadFolderAsync(folder.Path));
        using (var archive = Refusable.Run(() => ArchiveTarget.TakeAsync(Pack(layout))))
        {
            if (archive is not null && (listed is null || !listed.Distinct().SequenceEqual(archive.Images.Select(image => image.Manifest.Digest))))
            {
                throw new InvalidOperationException("A layout has other images when it is packed.");
            }
            ArchiveTarget.ReadAll(archive);
        }
        using var docker = Refusable.Run(() => ArchiveTarget.TakeAsync(Pack([("manifest.json", documents[0]), ("repositories", documents[1]), .. blobs])));
        ArchiveTarget.ReadAll(docker);
    }

    private static async Task<IReadOnlyList<Digest>?> ReadFolderAsync(string path)
    {
        var layout = OciLayout.Open(path);
        var entries = await layout.ListAsync(CancellationToken.None);
        foreach (var entry in entries)
        {
            Refusable.Run(() => CopyAsync(layout, entry));
        }
        Refusable.Run(async () => await layout.ListReferrersAsync(Digest.Of(""u8), CancellationToken.None));
        CheckNames(entries);
        return [.. entries.Select(entry => entry.Digest)];
    }

    private static async Task<CopyResult?> CopyAsync(OciLayout layout, Descriptor entry) =>
        await ImageCopy.CopyAsync(layout, new MemoryMedium(), ManifestKey.ByDigest(entry.Digest), new CopyOptions { Sparse = true }, null, CancellationToken.None);

    /// <summary>One more image takes no other away: what loses its name is still listed.</summary>
    private static void CheckNames(IReadOnlyList<Descriptor> entries)
    {
        var added = new StoredManifest("{}"u8.ToArray(), MediaTypes.OciManifest);
        var app = Reference.Parse("example.com/app");
        foreach (var (repository, written) in new[] { (null, null), (app, null), (app, "example.com/app:latest") })
        {
            var after = LayoutNames.Add(entries, added, Tag.Latest, repository, written);
            if (entries.Any(entry => after.All(other => other.Digest != entry.Digest)))
            {
                throw new InvalidOperationException("An image is not listed any more after another was added.");
            }
            if (LayoutNames.Find(after, repository is null ? "latest" : "example.com/app:latest") is not { } found || found.Digest != added.Digest)
            {
                throw new InvalidOperationException("What was added is not found by its name.");
            }
        }
    }

    private static List<byte[]> Split(byte[] input)
    {
        var documents = new List<byte[]>();
        var rest = input.AsSpan();
        while (documents.Count < MaxDocuments && rest.IndexOf((byte)0) is var end and >= 0)
        {
            documents.Add(rest[..end].ToArray());
            rest = rest[(end + 1)..];
        }
        documents.Add(rest.ToArray());
        if (documents.Count == 1)
        {
            documents.Add([]);
        }
        if (documents[1].Length == 0)
        {
            documents[1] = LayoutPaths.MarkerContent.ToArray();
        }
        return documents;
    }

    private static byte[] Pack(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var buffer = new MemoryStream();
        using var tar = new TarWriter(buffer);
        foreach (var (name, content) in files)
        {
            tar.WriteHeader(new TarHeader { Name = Encoding.UTF8.GetBytes(name), Type = TarType.Regular, Mode = 0x1A4, Size = content.Length });
            tar.Write(content);
        }
        tar.Complete();
        return buffer.ToArray();
    }
}

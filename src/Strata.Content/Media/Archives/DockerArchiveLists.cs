using System.Text.Json;
using Strata.Oci;

namespace Strata.Content.Media.Archives;

/// <summary>manifest.json and repositories as docker 25 and later write them: the files they name are the layout's blobs.</summary>
internal sealed class DockerArchiveLists(IReadOnlyList<Descriptor> entries, IReadOnlyDictionary<Digest, StoredManifest> manifests)
{
    public byte[] Images()
    {
        var images = new List<DockerArchiveEntry>();
        foreach (var entry in entries.GroupBy(e => e.Digest))
        {
            if (ImageOf(entry.First()) is { } image)
            {
                var names = entry.Select(LayoutNames.FullNameOf).OfType<Reference>().Select(name => name.Familiar).ToList();
                images.Add(new DockerArchiveEntry
                {
                    Config = LayoutPaths.Of(image.Config.Digest),
                    RepoTags = names.Count == 0 ? null : names,
                    Layers = [.. image.Layers.Select(layer => LayoutPaths.Of(layer.Digest))],
                });
            }
        }
        return JsonSerializer.SerializeToUtf8Bytes(images, ArchiveJson.Default.IReadOnlyListDockerArchiveEntry);
    }

    /// <summary>Repository, tag, and the topmost layer, which once was what an image was called by.</summary>
    public byte[] Repositories()
    {
        var repositories = new SortedDictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (LayoutNames.FullNameOf(entry) is { Tag: { } tag } name && ImageOf(entry) is { Layers: [.., var top] })
            {
                if (!repositories.TryGetValue(name.FamiliarName, out var tags))
                {
                    repositories[name.FamiliarName] = tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
                }
                tags[tag.ToString()] = top.Digest.Hex;
            }
        }
        return JsonSerializer.SerializeToUtf8Bytes(repositories, ArchiveJson.Default.SortedDictionaryStringSortedDictionaryStringString);
    }

    /// <summary>docker's list has no platforms: of an index, this machine's image is listed, else the first. Null for what is no image.</summary>
    private Manifest? ImageOf(Descriptor entry)
    {
        if (!manifests.TryGetValue(entry.Digest, out var stored))
        {
            return null;
        }
        if (ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out _) && MediaTypes.IsIndex(stored.MediaType))
        {
            return (index.Select(Platform.Local) is { } local ? ImageOf(local) : null) ?? index.Manifests.Select(ImageOf).FirstOrDefault(image => image is not null);
        }
        return Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out _) && MediaTypes.IsImageConfig(manifest.Config.MediaType) ? manifest : null;
    }
}

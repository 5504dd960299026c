using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>How the entries of a layout's index.json carry tags.</summary>
internal static class LayoutNames
{
    // image-spec annotations.md; valid on the entries of index.json only.
    private const string RefName = "org.opencontainers.image.ref.name";

    /// <summary>The entry whose name is the tag; else the one whose name is a whole reference with that tag, as some tools write it.</summary>
    public static Descriptor? Find(IReadOnlyList<Descriptor> entries, Tag tag) =>
        entries.FirstOrDefault(e => NameOf(e) == tag.ToString())
        ?? entries.FirstOrDefault(e => NameOf(e) is { } name && Reference.TryParse(name, out var reference) && reference.Tag == tag);

    /// <summary>
    /// The entries with the manifest among them. A tag belongs to one entry. Without a tag, the manifest is listed once, unless
    /// a list there names it; and the manifests of a list are not listed beside it.
    /// </summary>
    public static IReadOnlyList<Descriptor> Add(IReadOnlyList<Descriptor> entries, StoredManifest manifest, Tag? tag)
    {
        var result = entries.ToList();
        if (MediaTypes.IsIndex(manifest.MediaType) && ImageIndex.TryParse(manifest.Raw, manifest.MediaType, out var index, out _))
        {
            var listed = index.Manifests.Select(m => m.Digest).ToHashSet();
            result.RemoveAll(e => NameOf(e) is null && listed.Contains(e.Digest));
        }
        if (tag is null)
        {
            return result.Exists(e => e.Digest == manifest.Digest) ? result : [.. result, manifest.Descriptor];
        }
        // What loses its name stays in the layout, under its digest.
        var name = tag.Value.ToString();
        result.RemoveAll(e => NameOf(e) is null && e.Digest == manifest.Digest);
        for (var i = result.Count - 1; i >= 0; i--)
        {
            if (NameOf(result[i]) != name)
            {
                continue;
            }
            var unnamed = WithoutName(result[i]);
            result.RemoveAt(i);
            if (unnamed.Digest != manifest.Digest && !result.Exists(e => e.Digest == unnamed.Digest))
            {
                result.Add(unnamed);
            }
        }
        result.Add(manifest.Descriptor with { Annotations = new Dictionary<string, string> { [RefName] = name } });
        return result;
    }

    private static string? NameOf(Descriptor entry) => entry.Annotations?.GetValueOrDefault(RefName);

    private static Descriptor WithoutName(Descriptor entry)
    {
        var rest = entry.Annotations!.Where(a => a.Key != RefName).ToDictionary();
        return entry with { Annotations = rest.Count == 0 ? null : rest };
    }
}

using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>How the entries of a layout's index.json carry tags.</summary>
internal static class LayoutNames
{
    // image-spec annotations.md; valid on the entries of index.json only.
    private const string RefName = "org.opencontainers.image.ref.name";

    // What containerd and docker add, as a tag alone does not say whose it is.
    private const string ImageName = "io.containerd.image.name";

    /// <summary>The entry whose name is the tag; else the one image whose whole name has that tag, where only one has.</summary>
    public static Descriptor? Find(IReadOnlyList<Descriptor> entries, Tag tag)
    {
        if (entries.FirstOrDefault(e => NameOf(e) == tag.ToString()) is { } exact)
        {
            return exact;
        }
        var tagged = entries.Where(e => FullNameOf(e)?.Tag == tag).DistinctBy(e => e.Digest).ToList();
        return tagged is [var only] ? only : null;
    }

    /// <summary>
    /// The entries with the manifest among them. A tag belongs to one entry: where another repository has it, the whole name is written
    /// instead, so that readers that know only that annotation reach both. Without a tag, the manifest is listed once, unless a list there
    /// names it; and the manifests of a list are not listed beside it.
    /// </summary>
    /// <param name="entries">What is listed so far.</param>
    /// <param name="manifest">What is added.</param>
    /// <param name="tag">Its tag.</param>
    /// <param name="repository">Whose tag it is; null for a layout of one repository, whose name is not written down.</param>
    /// <param name="written">
    /// The name of the entry, as skopeo and podman look for it: as a person wrote it. Null gives it the tag, as docker does.
    /// </param>
    public static IReadOnlyList<Descriptor> Add(
        IReadOnlyList<Descriptor> entries, StoredManifest manifest, Tag? tag, Reference? repository, string? written)
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
        var name = written ?? tag.Value.ToString();
        var whole = repository is null ? null : repository with { Tag = tag, Digest = null };
        result.RemoveAll(e => NameOf(e) is null && e.Digest == manifest.Digest);
        for (var i = result.Count - 1; i >= 0; i--)
        {
            // What is found by its very name, as a tag alone is, may be the only entry that has it, whatever else another is called. A whole
            // name may be written in either annotation.
            var isFoundByName = (written is not null || whole is null) && NameOf(result[i]) == name;
            if (!isFoundByName && (whole is null || FullNameOf(result[i]) != whole))
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
        var isTaken = whole is not null && result.Exists(e => NameOf(e) == name);
        var annotations = new SortedDictionary<string, string>(StringComparer.Ordinal) { [RefName] = isTaken ? whole!.ToString() : name };
        if (whole is not null)
        {
            annotations[ImageName] = whole.ToString();
        }
        result.Add(manifest.Descriptor with { Annotations = annotations });
        return result;
    }

    /// <summary>The entry that a person means by <paramref name="text"/>: its name as it is written there, else a whole reference, else its tag.</summary>
    public static Descriptor? Find(IReadOnlyList<Descriptor> entries, string text) =>
        entries.FirstOrDefault(e => NameOf(e) == text)
        ?? (Reference.TryParse(text, out var wanted) ? entries.FirstOrDefault(e => FullNameOf(e) == wanted.WithDefaultTag()) : null)
        ?? (Tag.TryParse(text, out var tag) ? Find(entries, tag) : null);

    /// <summary>The whole name of an entry; null where it has none or only a tag, which says nothing of a repository.</summary>
    public static Reference? FullNameOf(Descriptor entry)
    {
        if (Reference.TryParse(entry.Annotations?.GetValueOrDefault(ImageName), out var given))
        {
            return given.WithDefaultTag();
        }
        return NameOf(entry) is { } name && name.AsSpan().ContainsAny('/', ':') && Reference.TryParse(name, out var whole) ? whole.WithDefaultTag() : null;
    }

    public static string? NameOf(Descriptor entry) => entry.Annotations?.GetValueOrDefault(RefName);

    private static Descriptor WithoutName(Descriptor entry)
    {
        var rest = entry.Annotations!.Where(a => a.Key is not (RefName or ImageName)).ToDictionary();
        return entry with { Annotations = rest.Count == 0 ? null : rest };
    }
}

using Strata.Content.Media.Archives;
using Strata.Oci;

namespace Strata.Host.Images.Places;

/// <summary>Where an image is copied from or to, as it is written for skopeo and podman too: <c>kind:where[:name]</c>. A closed family.</summary>
public abstract record ImagePlace
{
    /// <summary>What a place in this machine's store begins with.</summary>
    public const string StorePrefix = "store:";

    public const string Forms = "docker://NAME, oci:FOLDER[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME] and store:NAME";

    private ImagePlace(string text) => Text = text;

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>A registry.</summary>
    public sealed record Registry(string Written, Reference Name) : ImagePlace(Written);

    /// <summary>This machine's store. <paramref name="Wanted"/> may also be an id.</summary>
    public sealed record Store(string Written, string Wanted) : ImagePlace(Written);

    /// <summary>An image layout in a folder.</summary>
    public sealed record Layout(string Written, string Path, string? Name) : ImagePlace(Written);

    /// <summary>A tar; a path of - is standard input or output.</summary>
    public sealed record Archive(string Written, ArchiveFormat Format, string Path, string? Name) : ImagePlace(Written);

    /// <param name="text">As it was written.</param>
    /// <param name="nameOf">What a name of a registry's image means; null: what it says.</param>
    /// <exception cref="StrataException">It is none of the kinds.</exception>
    public static ImagePlace Parse(string text, Func<string, Reference>? nameOf = null)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (kind, rest) = colon < 0 ? ("", text) : (text[..colon], text[(colon + 1)..]);
        return kind switch
        {
            "docker" when rest.StartsWith("//", StringComparison.Ordinal) => new Registry(text, (nameOf ?? Reference.Parse)(rest[2..]).WithDefaultTag()),
            "store" when rest.Length > 0 => new Store(text, rest),
            "oci" when Split(rest) is var (path, name) => new Layout(text, path, name),
            "oci-archive" when Split(rest) is var (path, name) => new Archive(text, ArchiveFormat.Oci, path, name),
            "docker-archive" when Split(rest) is var (path, name) => new Archive(text, ArchiveFormat.Docker, path, name),
            _ => throw new StrataException($"'{text}' does not say where the image is", $"places are {Forms}"),
        };
    }

    public sealed override string ToString() => Text;

    /// <summary>A path ends at the first colon, as it does for skopeo.</summary>
    private static (string Path, string? Name)? Split(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return text.Length == 0 || colon == 0 ? null
            : colon < 0 ? (text, null)
            : (text[..colon], colon == text.Length - 1 ? null : text[(colon + 1)..]);
    }
}

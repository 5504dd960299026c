using Strata.Dockerfile;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Finds the image that a person means, or tells them why not.</summary>
public sealed class ImageFinder(LocalStore store)
{
    /// <exception cref="StrataException">There is none, or there are several.</exception>
    public (StoredImage Image, ImageLookup.Found Found) Get(string text) => Find(text) is { } found
        ? found
        : throw WhyNot(text);

    /// <summary>Whether the store knows the image, and has lost its config.</summary>
    public bool HasLostConfig(string text) => store.Images.Find(text) is ImageLookup.Found { Image: var id } && store.Blobs.Find(id) is null;

    private StrataException WhyNot(string text) => HasLostConfig(text)
        ? new StrataException($"the config of the image '{text}' is lost", $"pull or build it again, or remove it with `strata rmi {text}`")
        : new StrataException($"there is no image '{text}' in the store", NearMiss(text) is { } near
            ? $"did you mean {near}?"
            : $"`strata images` lists what is there; `strata pull {text}` fetches it from its registry");

    public (StoredImage Image, ImageLookup.Found Found)? Find(string text) => store.Images.Find(text) switch
    {
        ImageLookup.Found found when store.Images.Get(found.Image) is { } image => (image, found),
        ImageLookup.Ambiguous several => throw new StrataException(
            $"'{text}' is the beginning of several image ids: {string.Join(", ", several.Images.Select(id => id.Short))}", "give more digits"),
        _ => null,
    };

    /// <summary>A name that is a slip or two away, else another tag of the same repository.</summary>
    private string? NearMiss(string text)
    {
        if (!Reference.TryParse(text, out var wanted))
        {
            return null;
        }
        var names = store.Images.List().SelectMany(image => image.Names).Select(name => name.Reference).ToList();
        return Suggestion.For(wanted.WithDefaultTag().Familiar, names.Select(name => name.Familiar))
            ?? names.Find(name => name.Name == wanted.Name)?.Familiar;
    }
}

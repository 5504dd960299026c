using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Finds the image that a person means, or tells them why not.</summary>
public sealed class ImageFinder(LocalStore store)
{
    /// <exception cref="StrataException">There is none, or there are several.</exception>
    public (StoredImage Image, ImageLookup.Found Found) Get(string text) => Find(text) is { } found
        ? found
        : throw new StrataException($"there is no image '{text}' in the store", NearMiss(text) is { } near
            ? $"did you mean {near}?"
            : $"`strata images` lists what is there; `strata pull {text}` fetches it from its registry");

    public (StoredImage Image, ImageLookup.Found Found)? Find(string text) => store.Images.Find(text) switch
    {
        ImageLookup.Found found when store.Images.Get(found.Image) is { } image => (image, found),
        ImageLookup.Ambiguous several => throw new StrataException(
            $"'{text}' is the beginning of several image ids: {string.Join(", ", several.Images.Select(id => id.Short))}", "give more digits"),
        _ => null,
    };

    /// <summary>A name whose last part or tag is one slip away.</summary>
    private string? NearMiss(string text) => store.Images.List()
        .SelectMany(image => image.Names)
        .Select(name => name.Reference.Familiar)
        .FirstOrDefault(name => name != text && (Distance(name, text) <= 2 || name.Split(':')[0] == text.Split(':')[0]));

    // Levenshtein's, over short names.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}

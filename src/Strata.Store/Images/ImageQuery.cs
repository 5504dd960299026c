using Strata.Oci;

namespace Strata.Store;

/// <summary>Which images to list. What is null or empty asks for nothing.</summary>
public sealed record ImageQuery
{
    /// <summary>Only images with a name that fits one of them, and only those names; else the images whose ids begin so.</summary>
    public IReadOnlyList<NamePattern> Names { get; init; } = [];

    /// <summary>Only images without a name, or only those with one.</summary>
    public bool? Dangling { get; init; }

    /// <summary>Labels that the image has, all of them; a null value is any.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Labels { get; init; } = [];

    /// <summary>Made before this time, and not at it.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Made after this time, and not at it.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <param name="image">As it is listed.</param>
    /// <param name="config">Reads its config, if need be; null where that is gone.</param>
    /// <returns>The image with the names that are asked for; null when it is not asked for.</returns>
    internal ImageSummary? Select(ImageSummary image, Func<Digest, ImageConfig?> config)
    {
        var time = image.Created ?? image.Added;
        if ((Dangling is { } dangling && dangling != (image.Names.Count == 0)) || time >= Before || time <= Since)
        {
            return null;
        }
        if (Names.Count > 0)
        {
            var names = image.Names.Where(name => Names.Any(pattern => pattern.Fits(name.Reference))).ToList();
            if (names.Count == 0 && !Names.Any(pattern => pattern.IdPrefix is { } prefix && image.Id.ToString().StartsWith(prefix, StringComparison.Ordinal)))
            {
                return null;
            }
            image = names.Count > 0 ? image with { Names = names } : image;
        }
        return Labels.Count == 0 || (config(image.Id)?.Config?.Labels is { } labels && Labels.All(wanted => labels.TryGetValue(wanted.Key, out var value) && (wanted.Value is null || wanted.Value == value)))
            ? image
            : null;
    }
}

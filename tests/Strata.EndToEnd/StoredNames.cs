using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>What the names of a store stand for, as <c>strata images</c> tells it.</summary>
internal static class StoredNames
{
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(Workplace place)
    {
        var listed = (await place.StrataAsync("images", "--format", "json", "--no-trunc")).Succeeded().Output;
        var images = new Dictionary<string, string>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(listed);
        foreach (var image in document.RootElement.EnumerateArray())
        {
            images[$"{image.GetProperty("Repository").GetString()}:{image.GetProperty("Tag").GetString()}"] = image.GetProperty("ID").GetString()!;
        }
        return images;
    }
}

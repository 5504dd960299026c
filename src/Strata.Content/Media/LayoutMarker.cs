using System.Text.Json;

namespace Strata.Content.Media;

/// <summary>The file that says a folder or archive is an image layout.</summary>
internal static class LayoutMarker
{
    /// <summary>Null where it says none.</summary>
    public static string? VersionOf(byte[] marker)
    {
        try
        {
            using var document = JsonDocument.Parse(marker);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("imageLayoutVersion", out var version)
                && version.ValueKind == JsonValueKind.String
                ? version.GetString()
                : null;
        }
        // A text is decoded only here: bytes that are no UTF-8 are found late.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

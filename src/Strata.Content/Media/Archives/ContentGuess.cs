using System.Text;

namespace Strata.Content.Media.Archives;

/// <summary>What a file that is no archive seems to be, for a person who was sent something else.</summary>
internal static class ContentGuess
{
    /// <summary>Some hundred bytes are enough.</summary>
    public const int Length = 512;

    /// <summary>With its article; null where the bytes do not say.</summary>
    public static string? Of(ReadOnlySpan<byte> firstBytes)
    {
        if (firstBytes.IsEmpty || firstBytes.ContainsAnyInRange((byte)0, (byte)0x08) || firstBytes.ContainsAnyInRange((byte)0x0E, (byte)0x1F))
        {
            return null;
        }
        var text = Encoding.UTF8.GetString(firstBytes).TrimStart('\uFEFF').TrimStart();
        return Begins(text, "<!doctype html") || Begins(text, "<html") ? "an HTML page, as a server sends for an error or a login"
            : Begins(text, "<?xml") ? "an XML document"
            : text is ['{', ..] or ['[', ..] ? "a JSON document"
            : "text";
    }

    private static bool Begins(string text, string with) => text.StartsWith(with, StringComparison.OrdinalIgnoreCase);
}

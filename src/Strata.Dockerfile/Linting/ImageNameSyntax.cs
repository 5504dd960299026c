namespace Strata.Dockerfile;

/// <summary>Whether a text could name an image: <c>[host[:port]/]path[:tag][@digest]</c>. The value type for it is in another room.</summary>
internal static class ImageNameSyntax
{
    public static bool IsValid(string text)
    {
        string[] parts = text.Split('@', 2);
        if (parts.Length == 2 && !IsDigest(parts[1]))
        {
            return false;
        }

        string name = parts[0];
        int colon = name.IndexOf(':', name.LastIndexOf('/') + 1);
        if (colon >= 0)
        {
            if (!IsTag(name[(colon + 1)..]))
            {
                return false;
            }

            name = name[..colon];
        }

        string[] elements = name.Split('/');
        bool hasHost = elements.Length > 1 && (elements[0].AsSpan().IndexOfAny(".:") >= 0 || elements[0] == "localhost"
            || elements[0].Any(char.IsAsciiLetterUpper));
        return elements.Skip(hasHost ? 1 : 0).All(IsPathElement) && (!hasHost || elements[0].Length > 0);
    }

    private static bool IsDigest(string digest)
    {
        int colon = digest.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && digest.Length - colon > 32 && digest.Skip(colon + 1).All(char.IsAsciiHexDigitLower);
    }

    private static bool IsTag(string tag) =>
        tag.Length is > 0 and <= 128 && tag[0] is not ('.' or '-')
        && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private static bool IsPathElement(string element) =>
        element.Length > 0 && IsAlphanumeric(element[0]) && IsAlphanumeric(element[^1])
        && element.All(c => IsAlphanumeric(c) || c is '_' or '.' or '-')
        && !element.Contains("..", StringComparison.Ordinal) && !element.Contains("___", StringComparison.Ordinal);

    private static bool IsAlphanumeric(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}

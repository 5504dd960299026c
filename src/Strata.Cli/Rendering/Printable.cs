namespace Strata.Cli.Rendering;

/// <summary>Text of images and registries as a terminal may have it: a control character in it could move the cursor or worse.</summary>
internal static class Printable
{
    private const char Stand = '\uFFFD';

    /// <summary>For one line.</summary>
    public static string Of(string text) => Clean(text, static c => char.IsControl(c));

    /// <summary>For a message of several lines.</summary>
    public static string Lines(string text) => Clean(text, static c => char.IsControl(c) && c is not ('\n' or '\t'));

    private static string Clean(string text, Func<char, bool> isBad) => text.Any(isBad)
        ? string.Concat(text.Select(c => isBad(c) ? Stand : c))
        : text;
}

using System.Globalization;
using System.Text;

namespace Strata.Cli.Rendering;

/// <summary>Text as a terminal shows it: colours take no room, the characters of East Asia and pictures take two columns, accents none.</summary>
internal static class TerminalText
{
    private const char Escape = '\e';
    private const string Reset = "\e[0m";

    /// <summary>First and last of what is wide, of Unicode's East Asian Width (UAX #11): W and F, in blocks.</summary>
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
        (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
    ];

    /// <summary>In columns.</summary>
    /// <param name="text">Holds no other escape sequences than colours.</param>
    public static int Width(string text)
    {
        if (IsPlain(text))
        {
            return text.Length;
        }
        var width = 0;
        for (var at = 0; at < text.Length;)
        {
            at = Next(text, at, out var columns);
            width += columns;
        }
        return width;
    }

    /// <summary>As much as fits into so many columns; what was coloured does not colour what comes behind it.</summary>
    public static string Cut(string text, int width)
    {
        var used = 0;
        for (var at = 0; at < text.Length;)
        {
            var next = Next(text, at, out var columns);
            used += columns;
            if (used > width)
            {
                return text[..at] + Reset;
            }
            at = next;
        }
        return text;
    }

    /// <summary>The text where it fits into so many columns; else what fits of it, and a sign that there is more.</summary>
    public static string Shorten(string text, int width)
    {
        if (Width(text) <= width)
        {
            return text;
        }
        var cut = Cut(text, Math.Max(0, width - 1));
        return (text.Contains(Escape, StringComparison.Ordinal) ? cut : cut[..^Reset.Length]) + "…";
    }

    /// <summary>
    /// What a program printed, made harmless: its colours stay and end with the line; what would move the cursor, name the window or ring
    /// is taken out.
    /// </summary>
    public static string Tame(string line)
    {
        if (IsPlain(line) || !line.Any(char.IsControl))
        {
            return line;
        }
        var tame = new StringBuilder(line.Length);
        var coloured = false;
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] != Escape)
            {
                tame.Append(char.IsControl(line[at]) && line[at] != '\t' ? '\uFFFD' : line[at]);
                continue;
            }
            var end = EndOfSequence(line, at);
            var sequence = line.AsSpan(at, end - at);
            if (IsColour(sequence))
            {
                tame.Append(sequence);
                coloured = sequence is not (Reset or "\e[m");
            }
            at = end - 1;
        }
        return coloured ? tame.Append(Reset).ToString() : tame.ToString();
    }

    /// <summary><see cref="Tame"/> for a text of several lines.</summary>
    public static string TameLines(string text) => string.Join('\n', text.Split('\n').Select(Tame));

    /// <summary>Only what takes one column each and commands nothing: nearly every text.</summary>
    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static int Next(string text, int at, out int columns)
    {
        if (text[at] == Escape)
        {
            columns = 0;
            return EndOfSequence(text, at);
        }
        Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length);
        columns = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            ? 0
            : Array.Exists(Wide, block => rune.Value >= block.First && rune.Value <= block.Last) ? 2 : 1;
        return at + length;
    }

    // ECMA-48: CSI parameters and a final letter; OSC up to BEL or ST; else one letter behind intermediates.
    private static int EndOfSequence(string text, int escape)
    {
        var at = escape + 1;
        if (at < text.Length && text[at] == ']')
        {
            while (at < text.Length && text[at] is not ('\a' or Escape))
            {
                at++;
            }
            return Math.Min(text.Length, at < text.Length && text[at] == Escape ? at + 2 : at + 1);
        }
        if (at < text.Length && text[at] == '[')
        {
            at++;
            while (at < text.Length && text[at] is >= '0' and <= '?')
            {
                at++;
            }
        }
        while (at < text.Length && text[at] is >= ' ' and <= '/')
        {
            at++;
        }
        return Math.Min(text.Length, at + 1);
    }

    private static bool IsColour(ReadOnlySpan<char> sequence) =>
        sequence is [Escape, '[', .. var parameters, 'm'] && !parameters.ContainsAnyExceptInRange('0', ';');
}

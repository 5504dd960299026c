using System.Globalization;
using System.Text;
using Strata.Content.Tar;

namespace Strata.Content.Layers;

/// <summary>Words a refusal: names of entries come from anybody, so what is not printable is shown as an escape.</summary>
internal static class Refusal
{
    private const int LongestName = 200;

    internal static InvalidLayerException Of(TarHeader header, string problem) => new(problem, Display(header.Name), header.Offset);

    internal static InvalidLayerException Of(InvalidTarException tar) =>
        new(tar.Problem, tar.Name is { } name ? Display([.. name]) : null, tar.Offset);

    private static string Display(byte[] name)
    {
        var text = new StringBuilder();
        foreach (var rune in Encoding.UTF8.GetString(name.AsSpan(0, Math.Min(name.Length, LongestName))).EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                text.Append(rune);
            }
        }
        return name.Length > LongestName ? text.Append('…').ToString() : text.ToString();
    }
}

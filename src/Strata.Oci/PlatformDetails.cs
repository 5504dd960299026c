using System.Text;

namespace Strata.Oci;

/// <summary>What stands in parentheses behind an operating system: <c>(version+feature+feature)</c>, with %-escapes for what has a meaning there.</summary>
internal static class PlatformDetails
{
    private const int MaxLength = 1024;
    private const string Escaped = "%+()/";

    /// <summary>Splits them off; false where parentheses don't match.</summary>
    public static bool TrySplit(string text, out string rest, out string? version, out IReadOnlyList<string>? features)
    {
        (rest, version, features) = (text, null, null);
        var open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
        {
            return true;
        }
        var close = text.IndexOf(')', open);
        if (close < 0 || close - open > MaxLength || text.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash && slash < close)
        {
            return false;
        }
        rest = text[..open] + text[(close + 1)..];
        var parts = text[(open + 1)..close].Split('+');
        version = parts[0].Length == 0 ? null : Unescape(parts[0]);
        features = parts.Length == 1 ? null : [.. parts.Skip(1).Where(part => part.Length > 0).Select(Unescape)];
        return true;
    }

    /// <summary>Features in alphabetical order, empty ones left out; empty where there is nothing to say.</summary>
    public static string Format(string? version, IReadOnlyList<string>? features)
    {
        var named = (features ?? []).Where(feature => feature.Length > 0).Order(StringComparer.Ordinal).ToList();
        return string.IsNullOrEmpty(version) && named.Count == 0 ? "" : $"({Escape(version ?? "")}{string.Concat(named.Select(feature => "+" + Escape(feature)))})";
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            _ = Escaped.Contains(c, StringComparison.Ordinal) ? escaped.Append('%').Append(((int)c).ToString("X2", null)) : escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text);
}

using System.Globalization;

namespace Strata.Registry.Uploads;

/// <summary>The range of a chunk: <c>first-last</c>, both inclusive (distribution-spec, "Pushing a blob in chunks").</summary>
internal readonly record struct ContentRange(long First, long Last)
{
    private const string Unit = "bytes ";

    public long Length => Last - First + 1;

    /// <summary>HTTP's own form, <c>bytes first-last/total</c>, is understood too: clients send it.</summary>
    public static bool TryParse(string text, out ContentRange range)
    {
        range = default;
        var rest = text.AsSpan();
        if (rest.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            rest = rest[Unit.Length..];
            var slash = rest.IndexOf('/');
            rest = slash < 0 ? rest : rest[..slash];
        }
        var dash = rest.IndexOf('-');
        if (dash < 0
            || !long.TryParse(rest[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !long.TryParse(rest[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || last < first || last == long.MaxValue)
        {
            return false;
        }
        range = new ContentRange(first, last);
        return true;
    }
}

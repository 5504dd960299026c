namespace Strata.Host.Running;

/// <summary>Reads <c>--label key=value</c>; <c>key</c> alone has an empty value, as with docker.</summary>
internal static class LabelSet
{
    public static Dictionary<string, string> Parse(IEnumerable<string> texts)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? text : text[..equals];
            if (key.Length == 0)
            {
                throw new StrataException($"'{text}' is no label", "--label takes KEY=VALUE, or KEY alone");
            }
            labels[key] = equals < 0 ? "" : text[(equals + 1)..];
        }
        return labels;
    }
}

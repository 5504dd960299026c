using System.Collections.Immutable;

namespace Strata.Build;

/// <summary>Changes to parts of an image's config. Sets and maps come out sorted, as every builder writes them.</summary>
internal static class ConfigEdits
{
    public static IReadOnlyDictionary<string, string> WithLabels(
        IReadOnlyDictionary<string, string>? labels, IEnumerable<KeyValuePair<string, string>> more)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in (labels ?? ImmutableDictionary<string, string>.Empty).Concat(more))
        {
            all[name] = value;
        }
        return all;
    }

    public static IReadOnlyList<string> WithKeys(IReadOnlyList<string>? keys, IEnumerable<string> more) =>
        [.. (keys ?? []).Concat(more).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>A variable keeps the place its name had.</summary>
    public static IReadOnlyList<string> WithVariable(IReadOnlyList<string>? environment, string name, string value)
    {
        var variables = new List<string>(environment ?? []);
        var index = variables.FindIndex(variable => variable.StartsWith(name + "=", StringComparison.Ordinal));
        if (index < 0)
        {
            variables.Add($"{name}={value}");
        }
        else
        {
            variables[index] = $"{name}={value}";
        }
        return variables;
    }
}

using System.Collections.Immutable;
using System.Globalization;

namespace Strata.Build;

/// <summary>Changes to parts of an image's config. Sets and maps come out sorted, as every builder writes them.</summary>
internal static class ConfigEdits
{
    private static readonly string[] SignalNames =
    [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT",
        "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
        "RTMIN", "RTMAX",
    ];

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

    /// <summary>A name with or without SIG, RTMIN+1 and the like, or a number.</summary>
    public static bool IsSignal(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number is > 0 and <= 64;
        }
        var name = text.ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        if (name.StartsWith("RTMIN+", StringComparison.Ordinal) || name.StartsWith("RTMAX-", StringComparison.Ordinal))
        {
            return int.TryParse(name[6..], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && offset <= 30;
        }
        return SignalNames.Contains(name);
    }
}

using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>The flags of one statement, checked against those its instruction knows.</summary>
internal sealed class FlagSet
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private FlagSet()
    {
    }

    /// <summary>The kinds: <c>name</c> takes one value, <c>name?</c> is true or false, <c>name*</c> may be repeated.</summary>
    public static FlagSet? Read(Statement statement, ErrorList errors, params ReadOnlySpan<string> known)
    {
        var set = new FlagSet();
        int before = errors.Count;
        foreach (string flag in statement.Flags)
        {
            int equals = flag.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? flag[2..] : flag[2..equals];
            string? value = equals < 0 ? null : flag[(equals + 1)..];
            if (set.Add(name, value, known, out string? hint) is { } problem)
            {
                errors.Add(statement.Range, problem, hint);
            }
        }

        return errors.Count == before && !errors.IsFull ? set : null;
    }

    public string? Value(string name) => _values.TryGetValue(name, out List<string>? values) ? values[^1] : null;

    public bool? Bool(string name) => Value(name) is { } value ? value == "true" : null;

    public ImmutableArray<string> All(string name) => _values.TryGetValue(name, out List<string>? values) ? [.. values] : [];

    private string? Add(string name, string? value, ReadOnlySpan<string> known, out string? hint)
    {
        hint = null;
        string? kind = Find(name, known);
        if (kind is null)
        {
            hint = HintFor(name, known);
            return $"unknown flag: --{name}";
        }

        bool repeats = kind.EndsWith('*');
        if (_values.ContainsKey(name) && !repeats)
        {
            return $"duplicate flag specified: --{name}";
        }

        if (kind.EndsWith('?'))
        {
            string? lower = value?.ToLowerInvariant();
            switch (lower)
            {
                case "":
                    return $"missing a value on flag: --{name}";
                case not (null or "true" or "false"):
                    return $"expecting boolean value for flag --{name}, not: {value}";
            }

            value = lower ?? "true";
        }
        else if (value is null)
        {
            hint = $"write --{name}=value";
            return $"missing a value on flag: --{name}";
        }

        if (!_values.TryGetValue(name, out List<string>? values))
        {
            _values[name] = values = [];
        }

        values.Add(value);
        return null;
    }

    private static string? Find(string name, ReadOnlySpan<string> known)
    {
        foreach (string kind in known)
        {
            if (kind.TrimEnd('?', '*') == name)
            {
                return kind;
            }
        }

        return null;
    }

    private static string HintFor(string name, ReadOnlySpan<string> known)
    {
        string[] names = [.. known.ToArray().Select(kind => kind.TrimEnd('?', '*'))];
        return names.Length == 0
            ? "this instruction takes no flags"
            : Suggestion.Hint(name, names, prefix: "--") ?? $"known here: {string.Join(", ", names.Select(known => "--" + known))}";
    }
}

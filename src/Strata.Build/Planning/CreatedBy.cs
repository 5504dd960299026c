using System.Globalization;
using System.Text;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The lines of an image's history, written as BuildKit writes them: tools take them apart.</summary>
internal static class CreatedBy
{
    public const string Comment = "buildkit.dockerfile.v0";

    public static string Run(StageState stage, IEnumerable<string> arguments)
    {
        var args = stage.Args.Count == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"|{stage.Args.Count} {string.Join(' ', stage.Args.Select(arg => $"{arg.Name}={stage.Variables.Find(arg.Name) ?? arg.Value}"))} ");
        return $"RUN {args}{string.Join(' ', arguments)} # buildkit";
    }

    public static string Copy(string keyword, string? owner, string? mode, IEnumerable<string> sources, string destination)
    {
        var text = new StringBuilder(keyword);
        text.Append(owner is null ? "" : $" --chown={owner}").Append(mode is null ? "" : $" --chmod={mode}");
        return text.Append(' ').AppendJoin(' ', sources).Append(' ').Append(destination).Append(" # buildkit").ToString();
    }

    public static string Pairs(string keyword, IEnumerable<KeyValuePair<string, string>> pairs) =>
        $"{keyword} {string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}"))}";

    /// <summary><c>CMD ["a" "b"]</c>, quoted as Go does.</summary>
    public static string Command(string keyword, IEnumerable<string> arguments) => $"{keyword} [{string.Join(' ', arguments.Select(Quote))}]";

    public static string List(string keyword, IEnumerable<string> values) => $"{keyword} [{string.Join(' ', values)}]";

    public static string HealthCheck(HealthCheck check) => string.Create(
        CultureInfo.InvariantCulture,
        $"HEALTHCHECK {{Test:[{string.Join(' ', check.Test ?? [])}] Interval:{Duration(check.Interval)} Timeout:{Duration(check.Timeout)} StartPeriod:{Duration(check.StartPeriod)} StartInterval:{Duration(check.StartInterval)} Retries:{check.Retries ?? 0}}}");

    /// <summary>As Go writes durations: 1h0m0s, 1.5s, 10ms.</summary>
    private static string Duration(long? nanoseconds)
    {
        var total = (decimal)(nanoseconds ?? 0);
        if (total is > 0 and < 1_000_000_000)
        {
            var (unit, name) = total >= 1_000_000 ? (1_000_000m, "ms") : total >= 1000 ? (1000m, "µs") : (1m, "ns");
            return (total / unit).ToString("0.######", CultureInfo.InvariantCulture) + name;
        }
        var seconds = total / 1_000_000_000;
        var (hours, minutes) = ((long)(seconds / 3600), (long)(seconds / 60) % 60);
        var rest = (seconds % 60).ToString("0.#########", CultureInfo.InvariantCulture) + "s";
        return hours > 0 ? string.Create(CultureInfo.InvariantCulture, $"{hours}h{minutes}m{rest}")
            : minutes > 0 ? string.Create(CultureInfo.InvariantCulture, $"{minutes}m{rest}")
            : rest;
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\x7f' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => c.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }
}

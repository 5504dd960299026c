using System.Globalization;

namespace Strata.Runtime.Spec;

/// <summary>This process's own resource limits, which bound what can be given to a container without CAP_SYS_RESOURCE.</summary>
internal static class ProcessLimits
{
    // The names of /proc/self/limits.
    private static readonly Dictionary<string, string> Titles = new(StringComparer.Ordinal)
    {
        ["RLIMIT_CPU"] = "Max cpu time",
        ["RLIMIT_FSIZE"] = "Max file size",
        ["RLIMIT_DATA"] = "Max data size",
        ["RLIMIT_STACK"] = "Max stack size",
        ["RLIMIT_CORE"] = "Max core file size",
        ["RLIMIT_RSS"] = "Max resident set",
        ["RLIMIT_NPROC"] = "Max processes",
        ["RLIMIT_NOFILE"] = "Max open files",
        ["RLIMIT_MEMLOCK"] = "Max locked memory",
        ["RLIMIT_AS"] = "Max address space",
        ["RLIMIT_LOCKS"] = "Max file locks",
        ["RLIMIT_SIGPENDING"] = "Max pending signals",
        ["RLIMIT_MSGQUEUE"] = "Max msgqueue size",
        ["RLIMIT_NICE"] = "Max nice priority",
        ["RLIMIT_RTPRIO"] = "Max realtime priority",
        ["RLIMIT_RTTIME"] = "Max realtime timeout",
    };

    internal static IReadOnlyList<OciRlimit> Lower(IReadOnlyList<ResourceLimit> wanted) => Lower(wanted, File.ReadAllText("/proc/self/limits"));

    internal static IReadOnlyList<OciRlimit> Lower(IReadOnlyList<ResourceLimit> wanted, string limits) =>
        [.. wanted.Select(limit =>
        {
            var most = Hard(limits, limit.Name);
            var hard = Math.Min(limit.Hard, most);
            return new OciRlimit(limit.Name, hard, Math.Min(limit.Soft, hard));
        })];

    // Limit                     Soft Limit           Hard Limit           Units
    private static ulong Hard(string limits, string name)
    {
        if (!Titles.TryGetValue(name, out var title))
        {
            throw new OciRuntimeException($"{name} is no resource limit: the names are {string.Join(", ", Titles.Keys)}");
        }

        var line = limits.Split('\n').FirstOrDefault(line => line.StartsWith(title, StringComparison.Ordinal));
        var fields = line?[title.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields is { Length: >= 2 } && ulong.TryParse(fields[1], CultureInfo.InvariantCulture, out var hard) ? hard : ulong.MaxValue;
    }
}

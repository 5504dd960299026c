using System.Collections.Immutable;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The ARGs in front of the first FROM, and those every build has.</summary>
internal sealed class GlobalArgs
{
    private static readonly string[] ProxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly ImmutableDictionary<string, string> _given;

    public GlobalArgs(PlanContext plan)
    {
        _given = plan.Request.BuildArgs;
        foreach (var (name, value) in Automatic(plan.Request))
        {
            _values[name] = _given.GetValueOrDefault(name, value);
        }
        foreach (var instruction in plan.Dockerfile.GlobalArgs)
        {
            foreach (var arg in instruction.Declarations)
            {
                if (_given.TryGetValue(arg.Name, out var given))
                {
                    _values[arg.Name] = given;
                }
                else if (arg.Default is not null)
                {
                    _values[arg.Name] = plan.Expand(instruction, arg.Default, Find);
                }
            }
        }
    }

    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>What <c>--build-arg</c> gave for a name.</summary>
    public string? Given(string name) => _given.GetValueOrDefault(name);

    /// <summary>The proxies among the build arguments, which every RUN gets, declared or not.</summary>
    public IEnumerable<KeyValuePair<string, string>> Proxies => _given
        .Where(arg => ProxyNames.Contains(arg.Key, StringComparer.OrdinalIgnoreCase))
        .OrderBy(arg => arg.Key, StringComparer.Ordinal);

    /// <summary>Whether a build argument of this name means something without an ARG.</summary>
    public static bool IsKnownToEveryBuild(string name) => ProxyNames.Contains(name, StringComparer.OrdinalIgnoreCase)
        || name == "SOURCE_DATE_EPOCH"
        || name.StartsWith("BUILDKIT_", StringComparison.Ordinal)
        || Automatic(new BuildRequest { Dockerfile = new DockerfileSource("", default, null) }).Any(pair => pair.Key == name);

    private static IEnumerable<KeyValuePair<string, string>> Automatic(BuildRequest request)
    {
        foreach (var (prefix, platform) in new[] { ("BUILD", Platform.Local), ("TARGET", request.Platform) })
        {
            yield return new(prefix + "PLATFORM", platform.ToString());
            yield return new(prefix + "OS", platform.Os);
            yield return new(prefix + "OSVERSION", platform.OsVersion ?? "");
            yield return new(prefix + "ARCH", platform.Architecture);
            yield return new(prefix + "VARIANT", platform.Variant ?? "");
        }
        yield return new("TARGETSTAGE", request.Target ?? "default");
    }
}

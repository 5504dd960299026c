using System.CommandLine;
using Strata.Host;
using Strata.Oci;

namespace Strata.Cli.Verbs;

/// <summary>
/// What people know from docker's <c>run</c> and this version does not have: it is understood, and refused with what is possible
/// instead. Nothing is ever ignored.
/// </summary>
internal sealed class RunRefusals
{
    public const string HostNetwork = "host";
    public const string NoNetwork = "none";

    private const string Limits = "containers have no limits in this version; systemd-run -p MemoryMax=1G strata run … limits the whole of it";
    private const string Ports = "a container shares this machine's network, so what listens on port 8080 inside is at 127.0.0.1:8080 already";
    private const string NoMonitorOfHealth = "nothing restarts or checks containers in this version; let systemd start `strata run --rm …`";

    private static readonly (string Name, string[] Aliases, bool TakesValue, string Instead)[] Known =
    [
        ("--publish", ["-p"], true, Ports),
        ("--publish-all", ["-P"], false, Ports),
        ("--expose", [], true, Ports),
        ("--mount", [], true, "-v HOST:CONTAINER[:ro] shows a folder of this machine, --tmpfs makes one in memory"),
        ("--volumes-from", [], true, "give both containers the same folder of this machine: -v HOST:CONTAINER"),
        ("--memory", ["-m"], true, Limits),
        ("--memory-swap", [], true, Limits),
        ("--cpus", [], true, Limits),
        ("--cpu-shares", ["-c"], true, Limits),
        ("--cpuset-cpus", [], true, Limits),
        ("--pids-limit", [], true, Limits),
        ("--ulimit", [], true, Limits),
        ("--shm-size", [], true, "/dev/shm has 64 MB; --tmpfs /dev/shm:size=1g puts a larger one in its place"),
        ("--restart", [], true, NoMonitorOfHealth),
        ("--health-cmd", [], true, NoMonitorOfHealth),
        ("--privileged", [], false, "--cap-add gives single rights, or --cap-add ALL"),
        ("--device", [], true, "-v /dev/NAME:/dev/NAME shows a device inside"),
        ("--gpus", [], true, "-v /dev/NAME:/dev/NAME shows a device inside"),
        ("--security-opt", [], true, "--cap-add and --cap-drop change what it may do"),
        ("--init", [], false, "the image's own program is process 1; put tini or dumb-init into the image"),
        ("--pid", [], true, "every container has its own processes"),
        ("--ipc", [], true, "every container has its own shared memory"),
        ("--userns", [], true, "-u UID:GID runs it as an ordinary user"),
        ("--group-add", [], true, "-u USER:GROUP names one group, and the image's /etc/group the others"),
        ("--dns", [], true, "it resolves names as this machine does; -v FILE:/etc/resolv.conf shows it another file, --add-host names single hosts"),
        ("--link", [], true, "containers share this machine's network and meet at 127.0.0.1"),
        ("--log-driver", [], true, "`strata logs` shows what it prints"),
        ("--cidfile", [], true, "with -d the id is printed: strata run -d … > FILE"),
        ("--stop-timeout", [], true, "say it when it is stopped: strata stop -t SECONDS"),
        ("--sysctl", [], true, "it sees the settings of this machine"),
        ("--attach", ["-a"], true, "without -d both outputs are shown, with -i the input goes inside"),
    ];

    private readonly List<(Option Option, string Instead)> _options = [];
    private readonly Option<string> _network;
    private readonly Option<string?> _platform;

    public RunRefusals(Command command, Option<string> network, Option<string?> platform)
    {
        (_network, _platform) = (network, platform);
        foreach (var (name, aliases, takesValue, instead) in Known)
        {
            Option option = takesValue ? new Option<string[]>(name, aliases) : new Option<bool>(name, aliases);
            option.Hidden = true;
            option.Description = "Not in this version";
            command.Options.Add(option);
            _options.Add((option, instead));
        }
    }

    public void Check(ParseResult parse)
    {
        foreach (var (option, instead) in _options.Where(known => parse.GetResult(known.Option) is { Implicit: false }))
        {
            throw new StrataException($"this version has no {option.Name}", instead);
        }
        if (parse.GetValue(_network) is { } network && network is not (HostNetwork or NoNetwork))
        {
            throw new StrataException($"there is no network '{network}': this version has host, which is this machine's, and none", "without --network it is host");
        }
        if (parse.GetValue(_platform) is { } text && !Fits(Platform.Parse(text)))
        {
            throw new StrataException($"this machine runs {Platform.Local}, and not {text}", "leave --platform away");
        }
    }

    private static bool Fits(Platform wanted) => wanted.Os == Platform.Local.Os && wanted.Architecture == Platform.Local.Architecture;
}

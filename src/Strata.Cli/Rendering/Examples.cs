using System.CommandLine;

namespace Strata.Cli.Rendering;

/// <summary>Command lines that a verb's help shows, ready to copy.</summary>
internal static class Examples
{
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> All { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        ["strata build"] =
        [
            "strata build -t my-app:v1 .",
            "strata build -f docker/Dockerfile --target test --build-arg VERSION=3 .",
            "strata build --build-context node:18-alpine=docker-image://localhost/node:18 -t my-app .",
        ],
        ["strata run"] =
        [
            "strata run --rm -it alpine sh",
            "strata run -d --name web -e PORT=8080 my-app:v1",
            "strata run --rm -v $PWD:/src -w /src -u 1000:1000 golang go build",
        ],
        ["strata ps"] = ["strata ps -a", "strata ps -a --filter status=exited --filter label=team=web --format '{{.Names}}'"],
        ["strata logs"] = ["strata logs -f --tail 100 web", "strata logs --since 10m -t web"],
        ["strata stop"] = ["strata stop web", "strata stop -t 30 web db"],
        ["strata rm"] = ["strata rm web", "strata rm -f web db"],
        ["strata images"] = ["strata images", "strata images -q my-app"],
        ["strata layers"] = ["strata layers my-app:v1 my-app:v2"],
        ["strata inspect"] = ["strata inspect my-app:v1"],
        ["strata tag"] = ["strata tag my-app:v1 registry.example/team/my-app:v1"],
        ["strata rmi"] = ["strata rmi my-app:v1"],
        ["strata import"] = ["strata import root.tar localhost/base:1"],
        ["strata pull"] = ["strata pull registry.example/team/my-app:v1"],
        ["strata push"] = ["strata push registry.example/team/my-app:v1"],
        ["strata tags"] = ["strata tags registry.example/team/my-app"],
        ["strata tags history"] = ["strata tags history registry.example/team/my-app:latest"],
        ["strata tags rollback"] = ["strata tags rollback registry.example/team/my-app:latest"],
        ["strata login"] = ["strata login registry.example", "strata login -u me --password-stdin registry.example"],
        ["strata registry serve"] =
        [
            "strata registry serve --data ./registry",
            "strata registry serve --data /srv/registry --listen 0.0.0.0:5000 --htpasswd users --tls-cert cert.pem --tls-key key.pem",
        ],
        ["strata prune"] = ["strata prune --dry-run", "strata prune --all --force"],
        ["strata system verify"] = ["strata system verify --repair"],
    };

    public static IReadOnlyList<string> Of(Command command) => All.GetValueOrDefault(CommandPath.Of(command)) ?? [];
}

using System.Diagnostics;
using System.Text;

namespace Strata.EndToEnd;

/// <summary>A registry that runs for a test: Strata's own, or distribution's.</summary>
internal static class RegistryProcess
{
    public const string Own = "strata";
    public const string Distribution = "distribution";

    /// <summary>Starts <c>strata registry serve</c> on a free port; the answer is its <c>host:port</c>.</summary>
    public static async Task<string> StartOwnAsync(Workplace place, string data, params string[] more)
    {
        return await AddressOfAsync(place.Start(["registry", "serve", "--data", place.PathOf(data), "--listen", "127.0.0.1:0", .. more]));
    }

    /// <summary>Waits until the process says where it listens.</summary>
    public static async Task<string> AddressOfAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf("://", StringComparison.Ordinal);
            if (at >= 0)
            {
                return line[(at + "://".Length)..].Trim().TrimEnd('/');
            }
        }
        throw new InvalidOperationException($"the registry did not start: {await process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>Starts Debian's docker-registry with one user, <c>alice</c> / <c>secret</c>.</summary>
    public static async Task<string> StartDistributionAsync(Workplace place)
    {
        Assert.SkipUnless(Command.Exists("docker-registry"), "docker-registry is not installed");
        var folder = place.Context("distribution", ("config.yml", $"""
            version: 0.1
            storage:
              filesystem:
                rootdirectory: {place.PathOf("distribution", "data")}
              delete:
                enabled: true
            http:
              addr: 127.0.0.1:0
            auth:
              htpasswd:
                realm: test
                path: {await PasswordsAsync(place)}
            """));
        return await AddressInLogAsync(place.StartOther("docker-registry", null, "serve", Path.Combine(folder, "config.yml")));
    }

    /// <summary>
    /// Starts the one or the other with passwords, after which strata, and all that read docker's config, are logged in.
    /// </summary>
    /// <param name="place">Where it runs.</param>
    /// <param name="whose"><see cref="Own"/> or <see cref="Distribution"/>.</param>
    public static async Task<string> StartLoggedInAsync(Workplace place, string whose)
    {
        var registry = whose == Own
            ? await StartOwnAsync(place, "registry", "--htpasswd", await PasswordsAsync(place))
            : await StartDistributionAsync(place);
        string[] login = ["login", "-u", "alice", "--password-stdin", registry];
        (await Command.RunAsync(Workplace.Executable, login, place.Environment(place.StoreRoot), input: "secret")).Succeeded();
        return registry;
    }

    /// <summary>A file with the one user.</summary>
    private static async Task<string> PasswordsAsync(Workplace place)
    {
        Assert.SkipUnless(Command.Exists("htpasswd"), "htpasswd is not installed");
        var file = place.PathOf("htpasswd");
        File.WriteAllText(file, (await Command.RunAsync("htpasswd", ["-Bbn", "alice", "secret"])).Succeeded().Output);
        return file;
    }

    /// <summary>
    /// Waits until distribution's registry writes in its log where it listens: the port is its own then, and nobody else's. Reads what
    /// the process writes until its end.
    /// </summary>
    private static async Task<string> AddressInLogAsync(Process process)
    {
        const string Listening = "msg=\"listening on ";
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new StringBuilder();
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is not { } line)
            {
                address.TrySetException(new InvalidOperationException($"docker-registry ended before it listened:\n{log}"));
            }
            else if (!address.Task.IsCompleted)
            {
                log.AppendLine(line);
                if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
                {
                    address.TrySetResult(line[(at + Listening.Length)..].Split('"')[0]);
                }
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return await address.Task;
    }
}

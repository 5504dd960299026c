using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;
using Strata.Runtime;

namespace Strata.Host.Running;

/// <summary>An image's config and a person's wishes, made into what is run.</summary>
internal static class ContainerPlan
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static ContainerSpec Make(RunWishes wishes, ImageConfig image, ContainerFiles files, string id)
    {
        var request = wishes.Request;
        var config = image.Config ?? new ContainerConfig();
        var hostname = request.Hostname ?? (request.Network == NetworkMode.Host ? System.Environment.MachineName : id[..12]);
        var names = HostNames.Read();
        return new ContainerSpec
        {
            Arguments = Arguments(request, config),
            Environment = Variables(wishes, config),
            WorkingDirectory = request.WorkingDirectory ?? (string.IsNullOrEmpty(config.WorkingDir) ? "/" : config.WorkingDir),
            User = User(request.User ?? config.User ?? "", files),
            Hostname = hostname,
            Network = request.Network,
            Terminal = request.Terminal,
            ReadOnlyRoot = request.ReadOnlyRoot,
            AddedCapabilities = wishes.AddedCapabilities,
            DroppedCapabilities = wishes.DroppedCapabilities,
            Mounts = [.. NetworkFiles.For(request.Network, hostname, names.Resolver, names.Hosts, wishes.ExtraHosts), .. wishes.Mounts],
        };
    }

    /// <summary>What was asked for, else the image's STOPSIGNAL: a number, or a name with or without SIG.</summary>
    public static int StopSignal(RunWishes wishes, ImageConfig image) => wishes.StopSignal
        ?? (image.Config?.StopSignal is { Length: > 0 } text && SignalName.TryParse(text, out var signal) ? signal : SignalNumber.SIGTERM);

    private static IReadOnlyList<string> Arguments(RunRequest request, ContainerConfig config)
    {
        // Docker's rule: a new entrypoint leaves the image's CMD behind.
        IReadOnlyList<string> entrypoint = request.Entrypoint switch
        {
            null => config.Entrypoint ?? [],
            "" => [],
            var given => [given],
        };
        var command = request.Arguments.Count > 0 ? request.Arguments : request.Entrypoint is null ? config.Cmd ?? [] : [];
        return entrypoint.Count + command.Count > 0
            ? [.. entrypoint, .. command]
            : throw new StrataException($"{request.Image} names no command to run", $"say one: strata run {request.Image} COMMAND");
    }

    private static List<string> Variables(RunWishes wishes, ContainerConfig config)
    {
        var variables = new List<string>(config.Env ?? []);
        if (!variables.Exists(variable => variable.StartsWith("PATH=", StringComparison.Ordinal)))
        {
            variables.Add(DefaultPath);
        }
        foreach (var (name, value) in wishes.Variables)
        {
            variables.RemoveAll(variable => variable.StartsWith(name + "=", StringComparison.Ordinal));
            if (value is not null)
            {
                variables.Add($"{name}={value}");
            }
        }
        return variables;
    }

    private static UserIdentity User(string text, ContainerFiles files) =>
        UserSpec.TryResolve(text, files.Read("etc/passwd", PasswdFile.LargestSize).Span, files.Read("etc/group", PasswdFile.LargestSize).Span, out var user, out var problem)
            ? user
            : throw new StrataException($"the user '{text}' can't be used: {problem}", "-u takes a name of the image or numbers: -u 1000:1000");
}

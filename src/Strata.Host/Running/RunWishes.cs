using Strata.Linux;
using Strata.Runtime;

namespace Strata.Host.Running;

/// <summary>What was asked of a container, read as far as that needs no image: a mistake in it is told before anything is pulled or made.</summary>
internal sealed record RunWishes
{
    public required RunRequest Request { get; init; }

    /// <summary>Null: the image's.</summary>
    public int? StopSignal { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>In their order: a value, or null for a variable that the container is not to have.</summary>
    public required IReadOnlyList<(string Name, string? Value)> Variables { get; init; }

    public required IReadOnlyList<string> AddedCapabilities { get; init; }
    public required IReadOnlyList<string> DroppedCapabilities { get; init; }
    public required IReadOnlyList<(string Name, string Address)> ExtraHosts { get; init; }
    public required IReadOnlyList<ContainerMount> Mounts { get; init; }

    /// <exception cref="StrataException">One of them can't be read, or can't be had.</exception>
    public static RunWishes Read(RunRequest request, HostEnvironment environment)
    {
        if (request.Name is { } name && !ContainerNames.IsValid(name))
        {
            throw new StrataException(
                $"'{name}' can't be the name of a container",
                "a name begins with a letter or digit and goes on with letters, digits, '_', '.' and '-', two characters at the least");
        }
        return new RunWishes
        {
            Request = request,
            StopSignal = request.StopSignal is { } signal ? Signal(signal) : null,
            Labels = LabelSet.Parse(request.Labels),
            Variables = [.. request.EnvironmentFiles.SelectMany(file => EnvironmentFile.Read(file, environment)).Concat(request.Environment).Select(given => Variable(given, environment))],
            AddedCapabilities = Capabilities("--cap-add", request.AddedCapabilities),
            DroppedCapabilities = Capabilities("--cap-drop", request.DroppedCapabilities),
            ExtraHosts = HostNames.ParseExtra(request.ExtraHosts),
            Mounts = [.. request.MemoryFolders.Select(MemoryFolder.Parse), .. request.Volumes.Select(volume => VolumeSpec.Parse(volume, environment))],
        };
    }

    private static int Signal(string text) => SignalName.TryParse(text, out var signal)
        ? signal
        : throw new StrataException($"'{text}' is no signal", "--stop-signal takes a name or a number: INT, SIGQUIT, 3");

    private static (string Name, string? Value) Variable(string given, HostEnvironment environment)
    {
        var equals = given.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? given : given[..equals];
        return name.Length > 0
            ? (name, equals < 0 ? environment.Variable(name) : given[(equals + 1)..])
            : throw new StrataException($"'{given}' is no variable", "-e takes NAME=value, or NAME to hand on this shell's value");
    }

    private static IReadOnlyList<string> Capabilities(string option, IEnumerable<string> names) => [.. names.SelectMany(given => given.Split(',')).Select(given =>
        CapabilitySet.TryParse(given, out var name)
            ? name
            : throw new StrataException($"'{given}' is no capability", $"{option} takes a name of capabilities(7), such as {option} NET_ADMIN, or ALL"))];
}

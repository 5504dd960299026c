using System.Collections.Immutable;
using System.Globalization;
using Strata.Build;
using Strata.Host.Certificates;
using Strata.Host.Images;
using Strata.Host.Running;
using Strata.Store;

namespace Strata.Host.Building;

/// <summary>Builds an image from a Dockerfile and stores it under the names it is to have.</summary>
public sealed class BuildImage(LocalStore store, PullImage pull, HostSettings settings, HostEnvironment environment)
{
    public async Task<BuiltImage> RunAsync(
        BuildCommand command, Stream standardInput, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (command.Tags.FirstOrDefault(tag => tag.Digest is not null) is { } fixedName)
        {
            throw new StrataException(
                $"'{fixedName.Familiar}' can't be what the image is called: content alone decides what a digest names", "-t takes name:tag");
        }
        var request = await ReadAsync(command, standardInput, cancellationToken);
        using var scratch = store.Snapshots.CreateScratch();
        var ports = new BuildPorts
        {
            Images = new StoreImages(store, pull, command.Pull),
            Layers = new StoreLayers(store),
            Executor = new RuntimeExecutor(store, environment, settings.Runtime, StepCertificates.Of(command.Certificates, environment)),
            Cache = new StoreBuildCache(store.BuildCache),
            TemporaryDirectory = scratch.Path,
        };
        var built = await new Builder(ports, environment.Time).BuildAsync(request, progress, cancellationToken);
        var id = await store.Images.AddAsync(built.ConfigBytes, cancellationToken);
        foreach (var tag in command.Tags)
        {
            store.Names.Give(tag.WithDefaultTag(), id, manifest: null);
        }
        return built;
    }

    private async Task<BuildRequest> ReadAsync(BuildCommand command, Stream standardInput, CancellationToken cancellationToken)
    {
        var folder = command.Context == DockerfileReader.StandardInput ? null : Folder(command.Context, "the build context");
        return new BuildRequest
        {
            Dockerfile = await new DockerfileReader(environment).ReadAsync(command, folder, standardInput, cancellationToken),
            ContextDirectory = folder,
            Target = command.Target,
            BuildArgs = Pairs(command.BuildArgs, "--build-arg", fromEnvironment: true),
            Labels = LabelSet.Parse(command.Labels).ToImmutableDictionary(StringComparer.Ordinal),
            NamedContexts = Pairs(command.NamedContexts, "--build-context", fromEnvironment: false),
            ExtraHosts = [.. command.ExtraHosts],
            Platform = command.Platform,
            NoCache = command.NoCache,
            Network = command.Network == StepNetworkChoice.None ? StepNetwork.None : StepNetwork.Default,
            Reproducible = command.Reproducible,
            SourceDateEpoch = Epoch(),
        };
    }

    private string Folder(string path, string what)
    {
        var full = Path.GetFullPath(path, environment.WorkingDirectory);
        if (path.Contains("://", StringComparison.Ordinal) || path.StartsWith("git@", StringComparison.Ordinal))
        {
            throw new StrataException(
                $"{what} {path} is not a folder; building from an address is not supported yet", "clone or download it, and give the folder");
        }
        return Directory.Exists(full)
            ? full
            : throw new StrataException(
                File.Exists(full) ? $"{what} {full} is a file, not a folder" : $"{what} {full} does not exist",
                "the argument of build is a folder, such as .; a Dockerfile is given with -f");
    }

    private ImmutableDictionary<string, string> Pairs(IReadOnlyList<string> texts, string option, bool fromEnvironment)
    {
        var pairs = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                pairs[text[..equals]] = text[(equals + 1)..];
            }
            else if (equals < 0 && text.Length > 0 && fromEnvironment)
            {
                if (environment.Variable(text) is { } value)
                {
                    pairs[text] = value;
                }
            }
            else
            {
                throw new StrataException($"{option} '{text}' has no value", $"write it as {option} NAME=VALUE");
            }
        }
        return pairs.ToImmutable();
    }

    // https://reproducible-builds.org/specs/source-date-epoch/
    private long? Epoch() => environment.Variable("SOURCE_DATE_EPOCH") is { Length: > 0 } text
        ? long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw new StrataException($"SOURCE_DATE_EPOCH is '{text}', which is no number of seconds since 1970")
        : null;
}

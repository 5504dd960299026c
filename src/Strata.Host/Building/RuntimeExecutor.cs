using Strata.Build;
using Strata.Content.Layers;
using Strata.Host.Certificates;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Host.Building;

/// <summary>RUN over the store's snapshots by an OCI runtime: mount, run, and keep what changed as a layer.</summary>
internal sealed class RuntimeExecutor(LocalStore store, HostEnvironment environment, string? runtimeName, StepCertificates certificates) : IStepExecutor
{
    // Looked for when the first step runs: a build without RUN needs none.
    private readonly Lazy<StepRunner> _runner = new(() =>
        new StepRunner(environment.Executable, OciRuntime.Find(runtimeName, environment.Variable("PATH"))));

    public async ValueTask<StepOutcome> RunAsync(RunStep step, IVertexOutput output, CancellationToken cancellationToken)
    {
        if (!environment.IsRoot)
        {
            throw new StepException("RUN needs root in this version: run strata with sudo");
        }
        try
        {
            var snapshots = await store.Snapshots.EnsureAsync(step.Layers, new Unpacking(output), cancellationToken);
            using var scratch = store.Snapshots.CreateScratch();
            var place = new StepPlace(scratch.Path);
            var exitCode = await _runner.Value.RunAsync(Spec(step, snapshots, place), new StepOutput(output), cancellationToken);
            return exitCode == 0 ? await KeepAsync(step, place, cancellationToken) : new StepOutcome.Failed(exitCode);
        }
        catch (OciRuntimeException e)
        {
            throw new StepException(e.Message, e);
        }
    }

    private StepSpec Spec(RunStep step, IReadOnlyList<string> snapshots, StepPlace place)
    {
        if (!UserSpec.TryResolve(step.User.Name, step.User.Passwd.Span, step.User.Group.Span, out var user, out var problem))
        {
            throw new StepException($"USER {step.User.Name}: {problem}");
        }
        var network = step.Network == StepNetwork.None ? NetworkMode.None : NetworkMode.Host;
        var names = HostNames.Read();
        return new StepSpec
        {
            Snapshots = snapshots,
            Upper = place.Upper,
            Work = place.Work,
            MountPoint = place.MountPoint,
            Container = new ContainerSpec
            {
                Arguments = step.Arguments,
                Environment = certificates.Complete(step.Environment),
                WorkingDirectory = step.WorkingDirectory,
                User = user,
                Hostname = step.HostName,
                Network = network,
                Mounts =
                [
                    .. NetworkFiles.For(network, step.HostName, names.Resolver, names.Hosts, HostNames.ParseExtra(step.ExtraHosts)),
                    .. certificates.Mounts,
                    .. step.Files.Select(file => new ContentMount { Target = file.Path, Content = file.Content, Mode = file.Mode, ReadOnly = true }),
                ],
            },
        };
    }

    private async Task<StepOutcome> KeepAsync(RunStep step, StepPlace place, CancellationToken cancellationToken)
    {
        var below = new List<LayerIndex>(step.Layers.Length);
        foreach (var diffId in step.Layers)
        {
            below.Add(await store.Layers.OpenIndexAsync(diffId, cancellationToken));
        }
        await using var pending = store.Layers.Begin();
        using var builder = new LayerBuilder(pending.Tar, step.ClampModified);
        var result = UpperDirectory.WriteLayer(place.Upper, MergedTree.Of(below), builder, new UpperOptions(), cancellationToken);
        var index = builder.Complete();
        if (result.Written == 0)
        {
            return new StepOutcome.Succeeded(null);
        }
        await pending.CommitAsync(index, cancellationToken);
        if (result.Faithful && step.ClampModified is null && !HasDevices(index))
        {
            // The directory shows what the layer says already: the next step need not unpack it.
            await store.Snapshots.AdoptAsync([.. step.Layers, index.DiffId], place.Upper, cancellationToken);
        }
        return new StepOutcome.Succeeded(index);
    }

    /// <summary>Snapshots hold no device nodes; with runc a step can make some.</summary>
    private static bool HasDevices(LayerIndex index)
    {
        for (var i = 0; i < index.Count; i++)
        {
            if (index[i].Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The first RUN over a large base waits for it: the step says so.</summary>
    private sealed class Unpacking(IVertexOutput output) : IProgress<LayerUnpacking>
    {
        private const long WorthTelling = 32L * 1024 * 1024;

        public void Report(LayerUnpacking value)
        {
            if (value.TarSize is null or >= WorthTelling)
            {
                output.Transfer($"unpacking {value.DiffId.Short}", value.IsDone ? value.TarSize ?? 0 : 0, value.TarSize);
            }
        }
    }

    private sealed class StepPlace
    {
        public StepPlace(string folder)
        {
            Upper = Path.Combine(folder, "upper");
            Work = Path.Combine(folder, "work");
            MountPoint = Path.Combine(folder, "mount");
            foreach (var directory in new[] { Upper, Work, MountPoint })
            {
                Directory.CreateDirectory(directory);
            }
        }

        public string Upper { get; }
        public string Work { get; }
        public string MountPoint { get; }
    }

    private sealed class StepOutput(IVertexOutput output) : IStepOutput
    {
        public void Write(Runtime.OutputStream stream, ReadOnlySpan<byte> bytes) =>
            output.Write(stream == Runtime.OutputStream.Output ? Build.OutputStream.Output : Build.OutputStream.Error, bytes);
    }
}

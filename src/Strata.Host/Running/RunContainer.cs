using System.Security.Cryptography;
using Strata.Content.Layers;
using Strata.Content.Media;
using Strata.Host.Images;
using Strata.Oci;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Host.Running;

/// <summary>Makes containers of images and starts them.</summary>
public sealed class RunContainer(LocalStore store, PullImage pull, Containers containers, HostSettings settings, HostEnvironment environment)
{
    /// <summary>Starts a container that goes on by itself; its id.</summary>
    public async Task<string> StartAsync(RunRequest request, IProgress<TransferEvent> transfers, CancellationToken cancellationToken)
    {
        var (record, directory, container) = await CreateAsync(request, transfers, cancellationToken);
        try
        {
            await Launcher().StartAsync(directory, container, cancellationToken);
            return record.Id;
        }
        catch
        {
            // Whatever the reason: nobody would know of a container that was never started, but its name would be taken.
            Discard(record, directory);
            throw;
        }
    }

    /// <summary>Runs a container to its end with the given streams; the exit code of its program.</summary>
    public async Task<int> RunAsync(RunRequest request, ContainerStreams streams, IProgress<TransferEvent> transfers, CancellationToken cancellationToken)
    {
        var (record, directory, container) = await CreateAsync(request, transfers, cancellationToken);
        try
        {
            return await Launcher().RunAsync(directory, container, streams, cancellationToken);
        }
        catch
        {
            Discard(record, directory);
            throw;
        }
        finally
        {
            if (request.RemoveWhenEnded)
            {
                Discard(record, directory);
            }
        }
    }

    private ContainerLauncher Launcher() => new(environment.Executable, OciRuntime.Find(settings.Runtime, environment.Variable("PATH")));

    private async Task<(ContainerRecord Record, ContainerDirectory Directory, ContainerRequest Request)> CreateAsync(
        RunRequest request, IProgress<TransferEvent> transfers, CancellationToken cancellationToken)
    {
        if (!environment.IsRoot)
        {
            throw new StrataException("running a container needs root in this version", "try sudo strata run …");
        }
        // Asked first: what can't be done should pull and make nothing.
        var wishes = RunWishes.Read(request, environment);
        CheckRuntime(wishes, OciRuntime.Find(settings.Runtime, environment.Variable("PATH")));
        containers.SweepEnded();
        CheckName(request.Name);
        var (image, name) = await FindOrPullAsync(request, transfers, cancellationToken);
        if (!Platform.Local.Runs(image.Config.Platform))
        {
            request.Warn($"{name} is for {image.Config.Platform}, and this machine is {Platform.Local}: its programs may not start");
        }
        var indexes = new List<LayerIndex>(image.Layers.Count);
        var snapshots = await store.Snapshots.EnsureAsync(image.Layers, progress: null, cancellationToken);
        foreach (var layer in image.Layers)
        {
            indexes.Add(await store.Layers.OpenIndexAsync(layer, cancellationToken));
        }
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var spec = ContainerPlan.Make(wishes, image.Config, new ContainerFiles(MergedTree.Of(indexes), snapshots), id);
        var stopSignal = ContainerPlan.StopSignal(wishes, image.Config);
        var record = Add(request.Name, new ContainerRecord
        {
            Id = id,
            Name = "",
            Image = image.Id,
            ImageName = name,
            Created = environment.Time.GetUtcNow(),
            Config = new ContainerDetails { Command = spec.Arguments, RemoveWhenEnded = request.RemoveWhenEnded, Labels = wishes.Labels }.ToBytes(),
        });
        var directory = new ContainerDirectory(store.Containers.DirectoryOf(id));
        return (record, directory, new ContainerRequest
        {
            Snapshots = snapshots,
            Container = spec,
            StopSignal = stopSignal,
            Interactive = request.Interactive,
            Ephemeral = request.RemoveWhenEnded,
        });
    }

    private static void CheckRuntime(RunWishes wishes, OciRuntime runtime)
    {
        if (runtime.Kind == OciRuntimeKind.Crun && wishes.AddedCapabilities.Contains("CAP_MKNOD"))
        {
            throw new StrataException(
                "MKNOD can't be added with crun: containers have no control group there, and so nothing would tell a harmless device from the machine's disk",
                "run it with runc: STRATA_RUNTIME=runc strata run …");
        }
    }

    private void CheckName(string? name)
    {
        if (name is not null && store.Containers.Find(name) is ContainerLookup.Found { Container: var holder } && holder.Name == name)
        {
            throw new StrataException(
                $"the name {name} is in use by the container {holder.Id[..12]} of {holder.ImageName ?? holder.Image.Short}",
                $"choose another, or remove that one: strata rm -f {name}");
        }
    }

    private async Task<(StoredImage Image, string Name)> FindOrPullAsync(RunRequest request, IProgress<TransferEvent> transfers, CancellationToken cancellationToken)
    {
        var text = request.Image;
        var finder = new ImageFinder(store);
        if (request.Pull != PullPolicy.Always && finder.Find(text) is { } here && await store.Images.LeaseAsync(here.Image.Id, cancellationToken))
        {
            return (here.Image, here.Found.Name?.Familiar ?? here.Image.Id.Short);
        }
        if (request.Pull == PullPolicy.Never || !Reference.TryParse(text, out _))
        {
            return (finder.Get(text).Image, text);
        }
        var name = pull.NameOf(text).WithDefaultTag();
        return (await pull.GetAsync(new PullRequest { Name = name }, request.Pull, transfers, cancellationToken), name.Familiar);
    }

    private ContainerRecord Add(string? name, ContainerRecord unnamed)
    {
        const int tries = 20;
        for (var i = 0; i < tries; i++)
        {
            var record = unnamed with { Name = name ?? ContainerNames.Next() };
            switch (store.Containers.Add(record))
            {
                case AddContainerResult.Added:
                    return record;
                case AddContainerResult.NoImage:
                    throw new StrataException($"the image {record.ImageName} was removed meanwhile", "pull or build it again");
                case AddContainerResult.NameTaken when name is not null:
                    CheckName(name);
                    break;
            }
        }
        throw new StrataException("no free name was found for the container", "give it one with --name");
    }

    private void Discard(ContainerRecord record, ContainerDirectory directory)
    {
        if (directory.TryRemove())
        {
            store.Containers.Remove(record.Id);
        }
    }
}

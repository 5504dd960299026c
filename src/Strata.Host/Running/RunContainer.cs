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
        catch (OciRuntimeException)
        {
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
        catch (OciRuntimeException)
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
        // Asked first: without a runtime nothing should be pulled or made.
        _ = Launcher();
        containers.SweepEnded();
        var (image, name) = await FindOrPullAsync(request, transfers, cancellationToken);
        var indexes = new List<LayerIndex>(image.Layers.Count);
        var snapshots = await store.Snapshots.EnsureAsync(image.Layers, cancellationToken);
        foreach (var layer in image.Layers)
        {
            indexes.Add(await store.Layers.OpenIndexAsync(layer, cancellationToken));
        }
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var spec = ContainerPlan.Make(request, image.Config, MergedTree.Of(indexes), id, environment);
        var record = Add(request, image, name, id, spec);
        var directory = new ContainerDirectory(store.Containers.DirectoryOf(id));
        return (record, directory, new ContainerRequest
        {
            Snapshots = snapshots,
            Container = spec,
            StopSignal = ContainerPlan.StopSignal(image.Config),
            Interactive = request.Interactive,
        });
    }

    private async Task<(StoredImage Image, string Name)> FindOrPullAsync(RunRequest request, IProgress<TransferEvent> transfers, CancellationToken cancellationToken)
    {
        var finder = new ImageFinder(store);
        var text = request.Image;
        if (request.Pull != PullPolicy.Always && finder.Find(text) is { } here && await store.Images.LeaseAsync(here.Image.Id, cancellationToken))
        {
            return (here.Image, here.Found.Name?.Familiar ?? here.Image.Id.Short);
        }
        if (!Reference.TryParse(text, out _))
        {
            return (finder.Get(text).Image, text);
        }
        var name = pull.NameOf(text).WithDefaultTag();
        return (await pull.GetAsync(new PullRequest { Name = name }, request.Pull, transfers, cancellationToken), name.Familiar);
    }

    private ContainerRecord Add(RunRequest request, StoredImage image, string imageName, string id, ContainerSpec spec)
    {
        const int tries = 20;
        for (var i = 0; i < tries; i++)
        {
            var record = new ContainerRecord
            {
                Id = id,
                Name = request.Name ?? ContainerNames.Next(),
                Image = image.Id,
                ImageName = imageName,
                Created = environment.Time.GetUtcNow(),
                Config = new ContainerDetails { Command = spec.Arguments, RemoveWhenEnded = request.RemoveWhenEnded }.ToBytes(),
            };
            switch (store.Containers.Add(record))
            {
                case AddContainerResult.Added:
                    return record;
                case AddContainerResult.NoImage:
                    throw new StrataException($"the image {imageName} was removed meanwhile", "pull or build it again");
                case AddContainerResult.NameTaken when request.Name is not null:
                    throw new StrataException($"the name {request.Name} is in use by another container", $"choose another, or remove that one: strata rm -f {request.Name}");
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

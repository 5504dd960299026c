using Strata.Linux;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Host.Running;

/// <summary>A container's row, and what its directory says of it now.</summary>
public sealed record ContainerView(ContainerRecord Record, ContainerStatus Status, ContainerDetails Details);

/// <summary>The containers of a store: what is there, what it says, how it ends.</summary>
public sealed class Containers(LocalStore store, HostEnvironment environment)
{
    /// <summary>The latest first.</summary>
    public IReadOnlyList<ContainerView> List()
    {
        SweepEnded();
        return [.. store.Containers.List().Select(View)];
    }

    /// <exception cref="StrataException">There is none, or there are several.</exception>
    public ContainerView Get(string text) => store.Containers.Find(text) switch
    {
        ContainerLookup.Found found => View(found.Container),
        ContainerLookup.Ambiguous several => throw new StrataException(
            $"'{text}' is the beginning of several container ids: {string.Join(", ", several.Ids.Select(id => id[..12]))}", "give more digits, or the name"),
        _ => throw new StrataException($"there is no container '{text}'", "`strata ps -a` lists them all"),
    };

    /// <summary>Asks the container's program to end, and ends it when it has not after <paramref name="grace"/>. No error when it has ended already.</summary>
    public async Task StopAsync(ContainerView container, TimeSpan grace, CancellationToken cancellationToken)
    {
        await Directory(container.Record).StopAsync(signal: null, grace, environment.Time, cancellationToken);
        if (container.Details.RemoveWhenEnded && !Directory(container.Record).HasOwner)
        {
            Remove(container.Record);
        }
    }

    /// <exception cref="StrataException">It runs, and <paramref name="force"/> is not given.</exception>
    public async Task RemoveAsync(ContainerView container, bool force, CancellationToken cancellationToken)
    {
        if (container.Status.Phase is ContainerPhase.Running or ContainerPhase.Starting)
        {
            if (!force)
            {
                throw new StrataException($"the container {container.Record.Name} is running", $"strata stop {container.Record.Name}, or strata rm -f {container.Record.Name}");
            }
            await Directory(container.Record).StopAsync(SignalNumber.SIGKILL, TimeSpan.Zero, environment.Time, cancellationToken);
        }
        Remove(container.Record);
    }

    public IAsyncEnumerable<LogRecord> LogAsync(ContainerView container, int? tail, bool follow, CancellationToken cancellationToken) =>
        Directory(container.Record).Log.ReadAsync(tail, follow, environment.Time, cancellationToken);

    /// <summary>Containers that were to go when they end, and ended while nobody waited for them.</summary>
    internal void SweepEnded()
    {
        foreach (var record in store.Containers.List())
        {
            if (ContainerDetails.Parse(record.Config).RemoveWhenEnded
                && Directory(record) is var directory
                && directory.Status().Phase is ContainerPhase.Exited or ContainerPhase.Dead
                // Whoever started it in the foreground still wants to read how it ended, and removes it then.
                && !directory.HasOwner
                && directory.TryRemove())
            {
                store.Containers.Remove(record.Id);
            }
        }
    }

    private void Remove(ContainerRecord record)
    {
        if (!Directory(record).TryRemove())
        {
            throw new StrataException($"the container {record.Name} is still running", $"strata rm -f {record.Name}");
        }
        store.Containers.Remove(record.Id);
    }

    private ContainerView View(ContainerRecord record) => new(record, Directory(record).Status(), ContainerDetails.Parse(record.Config));

    private ContainerDirectory Directory(ContainerRecord record) => new(store.Containers.DirectoryOf(record.Id));
}

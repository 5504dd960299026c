using System.Runtime.CompilerServices;
using Strata.Linux;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Host.Running;

/// <summary>A container's row, and what its directory says of it now.</summary>
public sealed record ContainerView(ContainerRecord Record, ContainerStatus Status, ContainerDetails Details)
{
    /// <summary>Docker's word for it; it has none for one that is about to run.</summary>
    public string State => Status.Phase switch
    {
        ContainerPhase.Created or ContainerPhase.Starting => "created",
        ContainerPhase.Running => "running",
        ContainerPhase.Exited => "exited",
        _ => "dead",
    };
}

/// <summary>The containers of a store: what is there, what it says, how it ends.</summary>
public sealed class Containers(LocalStore store, HostEnvironment environment)
{
    /// <summary>What a timer can be set to.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    /// <summary>Between a container's row and the start of it lie milliseconds.</summary>
    private static readonly TimeSpan LongestMaking = TimeSpan.FromMinutes(1);

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
    /// <param name="container">Which one.</param>
    /// <param name="signal">What asks it; null: the signal it was made with.</param>
    /// <param name="grace">How long it may take; <see cref="Timeout.InfiniteTimeSpan"/>: as long as it wants.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public async Task StopAsync(ContainerView container, int? signal, TimeSpan grace, CancellationToken cancellationToken)
    {
        await Directory(container.Record).StopAsync(signal, grace, environment.Time, cancellationToken);
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

    public async IAsyncEnumerable<LogRecord> LogAsync(ContainerView container, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wait = query.Until - environment.Time.GetUtcNow();
        using var until = wait is { } rest && rest > TimeSpan.Zero && rest < LongestWait ? new CancellationTokenSource(rest, environment.Time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, until.Token);
        var log = Directory(container.Record).Log.ReadAsync(query.Tail, query.Follow && wait is null or { Ticks: > 0 }, environment.Time, either.Token);
        await using var records = log.GetAsyncEnumerator(CancellationToken.None);
        while (await NextAsync(records, until.Token) && (query.Until is null || records.Current.Time <= query.Until))
        {
            if (query.Since is null || records.Current.Time >= query.Since)
            {
                yield return records.Current;
            }
        }
    }

    /// <summary>Containers that were to go when they end, and ended, or never began, while nobody waited for them.</summary>
    internal void SweepEnded()
    {
        foreach (var record in store.Containers.List())
        {
            if (ContainerDetails.Parse(record.Config).RemoveWhenEnded
                && Directory(record) is var directory
                && IsOver(record, directory.Status().Phase)
                // Whoever started it in the foreground still wants to read how it ended, and removes it then.
                && !directory.HasOwner
                && directory.TryRemove())
            {
                store.Containers.Remove(record.Id);
            }
        }
    }

    /// <summary>One that was made a moment ago has no owner yet.</summary>
    private bool IsOver(ContainerRecord record, ContainerPhase phase) =>
        phase is ContainerPhase.Exited or ContainerPhase.Dead || (phase is ContainerPhase.Created && environment.Time.GetUtcNow() - record.Created > LongestMaking);

    private static async Task<bool> NextAsync(IAsyncEnumerator<LogRecord> records, CancellationToken until)
    {
        try
        {
            return await records.MoveNextAsync();
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            return false;
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

using System.Globalization;
using Strata.Linux;

namespace Strata.Store;

/// <summary>
/// Removes what processes left that died at work: their leases, and their temporaries, which carry the process's number in their names.
/// Costs a listing of a few small folders, and only when such a lease is found.
/// </summary>
internal static class Sweep
{
    // The framework would skip names that begin with a dot.
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, MatchType = MatchType.Simple };

    public static void Run(StoreFolders folders, IReadOnlyList<LeaseFile> others)
    {
        var alive = new HashSet<int> { Environment.ProcessId };
        var abandoned = new List<(LeaseFile Lease, IDisposable Taken)>();
        try
        {
            foreach (var lease in others)
            {
                if (lease.TryTake() is { } taken)
                {
                    abandoned.Add((lease, taken));
                }
                else
                {
                    alive.Add(lease.ProcessId);
                }
            }
            // A number may have come round again; then its lease and its temporaries wait for the next time.
            var dead = abandoned.Select(one => one.Lease.ProcessId).Except(alive).Where(process => !IsRunning(process)).ToHashSet();
            if (dead.Count == 0)
            {
                return;
            }
            Strays.Note(folders);
            // Asked again for each: the number may be a new process's by now, whose lease was not there when the leases were listed.
            RemoveTemporaries(folders, process => dead.Contains(process) && !IsRunning(process), dryRun: false);
            // Last: if this process is killed too, the next one still finds whose temporaries are left.
            foreach (var (lease, _) in abandoned.Where(one => dead.Contains(one.Lease.ProcessId)))
            {
                lease.Delete();
            }
        }
        finally
        {
            abandoned.ForEach(one => one.Taken.Dispose());
        }
    }

    /// <summary>Temporaries of every process that is gone, whether it left a lease or not. Gives how many there were, and the bytes of files.</summary>
    public static PruneCount RunFully(StoreFolders folders, bool dryRun)
    {
        var leased = LeaseFile.All(folders).Where(lease => !lease.IsAbandoned()).Select(lease => lease.ProcessId).ToHashSet();
        return RemoveTemporaries(folders, process => !leased.Contains(process) && !IsRunning(process), dryRun);
    }

    private static PruneCount RemoveTemporaries(StoreFolders folders, Func<int, bool> isDead, bool dryRun)
    {
        var (count, bytes) = (0, 0L);
        foreach (var path in folders.WithTemporaries.SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, PrivateName.Prefix + "*", Everything)))
        {
            var parts = Path.GetFileName(path).Split('-');
            if (parts.Length < 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var process) || !isDead(process))
            {
                continue;
            }
            count++;
            bytes += HostFile.Status(path, follow: false) is { Kind: FileKind.Regular } file ? file.Size : 0;
            if (!dryRun)
            {
                HostFile.RemoveTree(path);
            }
        }
        return new PruneCount(count, bytes);
    }

    private static bool IsRunning(int process)
    {
        using var handle = PidHandle.Open(process);
        return handle is not null;
    }
}

using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// What lies in the store's folders and has no row: left by a process that died between giving a file its name and writing the row, or
/// between removing a row and the file. Harmless, but it takes space. A sweep that finds a dead process leaves a note that they are
/// to be looked for, since it runs where the lock for it may not be taken.
/// </summary>
internal static class Strays
{
    /// <summary>Right only for who holds the exclusive <see cref="CollectionLock"/>; others see what is just coming, too.</summary>
    public static IReadOnlyList<string> Find(StoreContext context)
    {
        var known = context.Database.ReadTogether(s => s.Query("SELECT digest FROM blobs", row => context.Folders.Blob(Digest.Parse(row.Text(0))))
            .Concat(s.Query("SELECT diff_id FROM layers", row => context.Folders.Index(Digest.Parse(row.Text(0)))))
            .Concat(s.Query("SELECT directory FROM snapshots", row => context.Folders.Snapshot(row.Text(0)))).ToHashSet(StringComparer.Ordinal));
        return
        [
            .. Directory.EnumerateFiles(context.Folders.Blobs, "*", SearchOption.AllDirectories)
                .Concat(Directory.EnumerateFiles(context.Folders.Layers))
                .Concat(Directory.EnumerateDirectories(context.Folders.Snapshots))
                .Where(path => !Path.GetFileName(path).StartsWith(PrivateName.Prefix, StringComparison.Ordinal) && !known.Contains(path)),
        ];
    }

    public static void Note(StoreFolders folders) => File.WriteAllBytes(folders.StraysNote, []);

    /// <summary>For who has just failed: what went wrong is not to be hidden by a note that can't be made either.</summary>
    public static void NoteIfPossible(StoreFolders folders)
    {
        try
        {
            Note(folders);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A verification finds them without a note.
        }
    }

    /// <summary>Removes them where a note says so, when it is this process's turn; says how many there were, or in a dry run are.</summary>
    public static async Task<PruneCount> CollectIfNotedAsync(StoreContext context, bool dryRun, CancellationToken cancellationToken)
    {
        if (!File.Exists(context.Folders.StraysNote))
        {
            return new PruneCount(0, 0);
        }
        using var exclusive = await context.Collection.ExclusiveAsync(cancellationToken);
        return Collect(context, dryRun);
    }

    /// <summary>Removes them where a note says so. When others are at work the note stays for the next.</summary>
    public static void CollectIfNoted(StoreContext context)
    {
        if (!File.Exists(context.Folders.StraysNote))
        {
            return;
        }
        using var exclusive = FileLock.TryAcquire(context.Folders.CollectionLock, exclusive: true);
        if (exclusive is null)
        {
            return;
        }
        Collect(context, dryRun: false);
    }

    private static PruneCount Collect(StoreContext context, bool dryRun)
    {
        var (count, bytes) = (0, 0L);
        foreach (var path in Find(context))
        {
            count++;
            bytes += HostFile.Status(path, follow: false) is { Kind: FileKind.Regular } file ? file.Size : 0;
            if (!dryRun)
            {
                HostFile.RemoveTree(path);
            }
        }
        if (!dryRun)
        {
            // Only now: who dies on the way leaves the note for the next.
            File.Delete(context.Folders.StraysNote);
        }
        return new PruneCount(count, bytes);
    }
}

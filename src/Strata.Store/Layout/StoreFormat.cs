using System.Globalization;
using System.Text;
using Strata.Linux;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>
/// The version of the layout of files, in the file <c>VERSION</c>; the database has a version of its own. A program that knows
/// only older layouts leaves a newer store alone.
/// </summary>
internal static class StoreFormat
{
    public const int Current = 1;
    private const string Prefix = "strata-store ";

    /// <summary>Checks that this program knows the layout of the store that is there; makes the folders of a new one if it may.</summary>
    /// <param name="folders">Where it lies.</param>
    /// <param name="make">Whether to make one where there is none.</param>
    /// <param name="sync">Brings a folder's entries to the disk.</param>
    /// <returns>False when there is none.</returns>
    public static bool Prepare(StoreFolders folders, bool make, Action<string> sync)
    {
        string text;
        try
        {
            RefuseForeign(folders.Root);
            text = File.ReadAllText(folders.FormatFile);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            RefuseOthersFolder(folders);
            if (make)
            {
                Create(folders, sync);
            }
            return make;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or LinuxException { Errno: Errno.EACCES })
        {
            throw new StoreException($"The store {folders.Root} may not be read by this user. Run strata as its owner, or name another folder with --root.", e);
        }
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)
            || !int.TryParse(text.AsSpan(Prefix.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw new StoreException($"{folders.Root} is no strata store: its file VERSION reads otherwise. Name another folder with --root.");
        }
        if (version > Current)
        {
            throw new StoreException(
                $"The store {folders.Root} was made by a newer strata (its layout is {version}, this program knows {Current}). Use that newer strata, or another folder with --root.");
        }
        RefuseLostDatabase(folders);
        return true;
    }

    /// <summary>With a new database all content would be garbage: what nobody names is collected.</summary>
    private static void RefuseLostDatabase(StoreFolders folders)
    {
        if (LengthOf(folders.Database) > 0 || LengthOf(folders.Database + "-wal") > 0)
        {
            return;
        }
        var content = new[] { folders.Blobs, folders.Layers, folders.Snapshots, folders.Containers }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .FirstOrDefault(path => !path.Contains("/" + PrivateName.Prefix, StringComparison.Ordinal));
        if (content is not null)
        {
            throw new StoreException(
                $"The store {folders.Root} has lost its database: {Path.GetFileName(folders.Database)} is missing or empty, and content such as {Path.GetRelativePath(folders.Root, content)} is there, of which nothing says what it is. "
                + "Put the file back from a copy, or move the whole folder away and pull or build the images again.");
        }
    }

    private static long LengthOf(string file) => new FileInfo(file) is { Exists: true } found ? found.Length : 0;

    private static void RefuseForeign(string root)
    {
        var place = root;
        while (!Directory.Exists(place) && Path.GetDirectoryName(place) is { } above)
        {
            place = above;
        }
        if (ForeignFileSystem.Refusal(root, HostFile.FileSystemType(place)) is { } refusal)
        {
            throw new StoreException(refusal);
        }
    }

    /// <summary>A folder that holds other things is somebody's, and its path was mistyped. What a making that was interrupted left is ours.</summary>
    private static void RefuseOthersFolder(StoreFolders folders)
    {
        if (File.Exists(folders.Root))
        {
            throw new StoreException($"{folders.Root} is a file, and a store is a folder. Name another with --root.");
        }
        if (!Directory.Exists(folders.Root))
        {
            return;
        }
        var ours = folders.Made.Concat([folders.Reserve, folders.Database, folders.Database + "-wal", folders.Database + "-shm"]).Append(Path.Combine(folders.Root, "lost+found")).ToHashSet(StringComparer.Ordinal);
        if (Directory.EnumerateFileSystemEntries(folders.Root).FirstOrDefault(
            path => !ours.Contains(path) && !Path.GetFileName(path).StartsWith(PrivateName.Prefix, StringComparison.Ordinal)) is { } other)
        {
            throw new StoreException($"{folders.Root} is no strata store: it holds {Path.GetFileName(other)}, and no file VERSION. Name the store's folder, or an empty one, with --root.");
        }
    }

    private static void Create(StoreFolders folders, Action<string> sync)
    {
        // Snapshots hold other users' files and set-user-id programs: nobody but the owner gets in.
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            var above = Above(folders.Root);
            foreach (var folder in (IEnumerable<string>)
                [folders.Root, .. folders.Made, Path.Combine(folders.Blobs, "sha256"), Path.Combine(folders.Blobs, "sha512")])
            {
                Directory.CreateDirectory(folder, ownerOnly);
            }
            sync(folders.Blobs);
            sync(folders.Root);
            foreach (var folder in above)
            {
                SyncIfReadable(folder, sync);
            }
            // A store without it has lost it.
            using (var database = SqliteDatabase.Open(folders.Database, StoreSchema.Schema))
            {
                database.Write(static _ => 0);
            }
            // Last: a store with this file is whole.
            Durable.WriteFile(folders.FormatFile, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Current}\n")));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            if (e is IOException io && (StoreException.IsFull(io) || e is SqliteStoreException { Problem: SqliteProblem.Full }))
            {
                throw StoreException.Full(folders.Root, io);
            }
            throw new StoreException(
                e is LinuxException { Errno: Errno.EIO } failing
                    ? $"The store {folders.Root} can't be made, because its disk reports an error: {failing.Message}. Look at the machine's log (dmesg), or name another folder with --root."
                    : $"The store {folders.Root} can't be made: {e.Message}. Make its folder writable, or name another with --root.",
                e);
        }
    }

    /// <summary>The folder that holds the root, and upwards those that are to hold what is missing.</summary>
    private static List<string> Above(string root)
    {
        var above = new List<string>();
        for (var path = root; Path.GetDirectoryName(path) is { } parent; path = parent)
        {
            above.Add(parent);
            if (Directory.Exists(parent))
            {
                break;
            }
        }
        return above;
    }

    private static void SyncIfReadable(string folder, Action<string> sync)
    {
        try
        {
            sync(folder);
        }
        catch (LinuxException e) when (e.Errno is Errno.EACCES)
        {
            // Who may not read it was given the folder in it by somebody else, long ago.
        }
    }
}

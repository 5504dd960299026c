using System.Globalization;
using System.Text;
using Strata.Linux;

namespace Strata.Store;

/// <summary>
/// The version of the layout of files, in the file <c>VERSION</c>; the database has a version of its own. A program that knows
/// only older layouts leaves a newer store alone.
/// </summary>
internal static class StoreFormat
{
    public const int Current = 1;
    private const string Prefix = "strata-store ";

    /// <summary>Makes the folders of a new store, or checks that this program knows the layout of the one that is there.</summary>
    /// <param name="folders">Where it lies.</param>
    /// <param name="sync">Brings a folder's entries to the disk.</param>
    public static void Prepare(StoreFolders folders, Action<string> sync)
    {
        string text;
        try
        {
            text = File.ReadAllText(folders.FormatFile);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Create(folders, sync);
            return;
        }
        catch (UnauthorizedAccessException e)
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
    }

    private static void Create(StoreFolders folders, Action<string> sync)
    {
        // Snapshots hold other users' files and set-user-id programs: nobody but the owner gets in.
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            var above = Above(folders.Root);
            foreach (var folder in new[]
            {
                folders.Root, folders.Blobs, Path.Combine(folders.Blobs, "sha256"), Path.Combine(folders.Blobs, "sha512"),
                folders.Layers, folders.Snapshots, folders.Leases, folders.Locks, folders.Containers,
            })
            {
                Directory.CreateDirectory(folder, ownerOnly);
            }
            sync(folders.Blobs);
            sync(folders.Root);
            foreach (var folder in above)
            {
                SyncIfReadable(folder, sync);
            }
            // Last: a store with this file is whole.
            Durable.WriteFile(folders.FormatFile, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Current}\n")));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            if (e is IOException io && StoreException.IsFull(io))
            {
                throw StoreException.Full(folders.Root, io);
            }
            throw new StoreException($"The store {folders.Root} can't be made: {e.Message}. Make its folder writable, or name another with --root.", e);
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

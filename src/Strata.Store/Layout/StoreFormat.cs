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
    public static void Prepare(StoreFolders folders)
    {
        string text;
        try
        {
            text = File.ReadAllText(folders.FormatFile);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Create(folders);
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

    private static void Create(StoreFolders folders)
    {
        // Snapshots hold other users' files and set-user-id programs: nobody but the owner gets in.
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            foreach (var folder in new[]
            {
                folders.Root, folders.Blobs, Path.Combine(folders.Blobs, "sha256"), Path.Combine(folders.Blobs, "sha512"),
                folders.Layers, folders.Snapshots, folders.Leases, folders.Locks, folders.Containers,
            })
            {
                Directory.CreateDirectory(folder, ownerOnly);
            }
            // Last, and durable with the folders above it: a store with this file is whole.
            Durable.WriteFile(folders.FormatFile, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Current}\n")));
            Durable.SyncDirectory(folders.Blobs);
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
}

using System.Globalization;
using Strata.Linux;

namespace Strata.Store;

/// <summary>The two files of a process's lease: <c>pid-random.lock</c>, held while it lives, and <c>pid-random.list</c>.</summary>
internal sealed record LeaseFile(string Folder, string Name)
{
    private const string LockSuffix = ".lock";

    public LeaseFile(StoreFolders folders, string name)
        : this(folders.Leases, name)
    {
    }

    public string LockPath => Path.Combine(Folder, Name + LockSuffix);

    public string ListPath => Path.Combine(Folder, Name + ".list");

    /// <summary>0 where the name has none.</summary>
    public int ProcessId => int.TryParse(Name.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? process : 0;

    public static IReadOnlyList<LeaseFile> All(StoreFolders folders) =>
        [.. Directory.EnumerateFiles(folders.Leases, "*" + LockSuffix).Select(path => new LeaseFile(folders, Path.GetFileName(path)[..^LockSuffix.Length]))];

    public bool IsAbandoned()
    {
        using var taken = TryTake();
        return taken is not null;
    }

    /// <summary>Null while its process lives.</summary>
    public FileLock? TryTake() => FileLock.TryAcquire(LockPath, exclusive: true);

    public IEnumerable<string> Read()
    {
        try
        {
            return File.ReadAllLines(ListPath);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    public void Delete()
    {
        File.Delete(ListPath);
        File.Delete(LockPath);
    }
}

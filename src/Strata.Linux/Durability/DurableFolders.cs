using System.Collections.Concurrent;

namespace Strata.Linux;

/// <summary>
/// Folders that are made when they are first needed. That a folder is there does not say that it is on the disk: whoever made it may not
/// have come to that yet, so each process makes sure once.
/// </summary>
public sealed class DurableFolders(Action<string> sync)
{
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>When it returns the folder is there, and stays through a crash.</summary>
    public void Make(string path)
    {
        if (_known.ContainsKey(path) && Directory.Exists(path))
        {
            return;
        }
        Directory.CreateDirectory(path);
        sync(Path.GetDirectoryName(path)!);
        _known[path] = true;
    }
}

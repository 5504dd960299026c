using Strata.Linux;

namespace Strata.Store;

/// <summary>A directory that is removed with all that is in it; if its process dies before, by the next that works on the store.</summary>
public sealed class ScratchDirectory : IDisposable
{
    internal ScratchDirectory(string path) => Path = path;

    public string Path { get; }

    public void Dispose() => HostFile.RemoveTree(Path);
}

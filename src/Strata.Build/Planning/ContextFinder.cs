using Strata.Dockerfile;

namespace Strata.Build;

/// <summary>Opens the folders a build copies from, each once, with the ignore file that belongs to it.</summary>
internal sealed class ContextFinder(PlanContext plan) : IDisposable
{
    private const string IgnoreFileName = ".dockerignore";
    private const long LargestIgnoreFile = 16 * 1024 * 1024;

    private readonly Dictionary<string, ContextTree> _open = new(StringComparer.Ordinal);

    /// <summary>The context of the build.</summary>
    public ContextTree Main(Instruction instruction)
    {
        var directory = plan.Request.ContextDirectory
            ?? throw plan.Failures.At(instruction.Range, "this build has no context to copy from; give a folder after the options");
        // An ignore file of the Dockerfile's own wins over the folder's.
        var own = plan.Request.Dockerfile.Path is { } dockerfile ? dockerfile + IgnoreFileName : null;
        return Open("", directory, own is not null && File.Exists(own) ? own : Path.Combine(directory, IgnoreFileName), "the build context");
    }

    public ContextTree Named(string name, string directory) =>
        Open(name, directory, Path.Combine(directory, IgnoreFileName), $"the build context {name}");

    public void Dispose()
    {
        foreach (var tree in _open.Values)
        {
            tree.Dispose();
        }
    }

    private ContextTree Open(string name, string directory, string ignorePath, string description)
    {
        if (!_open.TryGetValue(name, out var tree))
        {
            tree = ContextTree.Open(directory, ReadIgnoreFile(ignorePath), description);
            _open.Add(name, tree);
        }
        return tree;
    }

    private static IgnoreFile ReadIgnoreFile(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return IgnoreFile.None;
        }
        if (file.Length > LargestIgnoreFile)
        {
            throw new InstructionException($"{path} is larger than {LargestIgnoreFile / (1024 * 1024)} MiB; is it the right file?");
        }
        return IgnoreFile.TryParse(File.ReadAllBytes(path), file.Name, out var ignore, out var problem) ? ignore : throw new InstructionException(problem);
    }
}

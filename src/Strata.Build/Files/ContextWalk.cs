using Strata.Dockerfile;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>One walk of one folder of a context, leaving out what the ignore file names.</summary>
internal sealed class ContextWalk(string root, ImagePath start, PathPatterns patterns)
{
    private readonly ContextEntries _found = new();
    private readonly Stack<(ImagePath Directory, PatternWalk Walk)> _open = [];

    // Ignored folders that may hold something included again; they belong to the context once something below them does.
    private readonly Stack<SourceEntry> _undecided = [];

    public ContextEntries Run(CancellationToken cancellationToken)
    {
        _open.Push((ImagePath.Root, patterns.StartWalk()));
        TreeWalk.Run(root, Visit, cancellationToken);
        return _found;
    }

    private bool Visit(in TreeEntry entry)
    {
        var isDirectory = entry.Status.Kind == FileKind.Directory;
        if (!IsBelowStart(entry.Path))
        {
            return isDirectory && LeadsToStart(entry.Path) && Enter(ImagePath.FromClean(entry.Path.ToArray()));
        }
        if (entry.Status.Kind == FileKind.Socket)
        {
            return false;
        }
        var ignored = !patterns.IsEmpty && Current(entry.Path).Ignores(entry.Path);
        if (ignored && !isDirectory)
        {
            return false;
        }
        var path = ImagePath.FromClean(entry.Path.ToArray());
        if (ignored && !Enter(path))
        {
            return false;
        }
        var link = entry.Status.Kind == FileKind.SymbolicLink ? entry.ReadLink() : [];
        var found = ContextTree.Entry(path, entry.Status, link);
        if (ignored)
        {
            _undecided.Push(found);
            return true;
        }
        Settle(path);
        _found.Add(found);
        return !isDirectory || Enter(path);
    }

    private bool IsBelowStart(ReadOnlySpan<byte> path) => start.IsRoot
        || (path.Length > start.Bytes.Length && path[start.Bytes.Length] == (byte)'/' && path.StartsWith(start.Bytes));

    private bool LeadsToStart(ReadOnlySpan<byte> path) => start.Bytes.StartsWith(path)
        && (start.Bytes.Length == path.Length || start.Bytes[path.Length] == (byte)'/');

    /// <summary>False when nothing in the folder can be part of the context.</summary>
    private bool Enter(ImagePath directory)
    {
        if (patterns.IsEmpty)
        {
            return true;
        }
        var walk = Current(directory.Bytes).Enter(directory.Bytes);
        if (!walk.MayContainIncluded(directory.Bytes))
        {
            return false;
        }
        _open.Push((directory, walk));
        return true;
    }

    private PatternWalk Current(ReadOnlySpan<byte> path)
    {
        var slash = path.LastIndexOf((byte)'/');
        var parent = slash < 0 ? [] : path[..slash];
        while (!_open.Peek().Directory.Bytes.SequenceEqual(parent))
        {
            _open.Pop();
        }
        return _open.Peek().Walk;
    }

    /// <summary>Takes in the ignored folders that <paramref name="path"/> lies in, and forgets those the walk has left.</summary>
    private void Settle(ImagePath path)
    {
        while (_undecided.TryPeek(out var folder) && !path.IsWithin(folder.Path))
        {
            _undecided.Pop();
        }
        // A stack gives its latest first, which is the innermost.
        foreach (var folder in _undecided.Reverse())
        {
            _found.Add(folder);
        }
        _undecided.Clear();
    }
}

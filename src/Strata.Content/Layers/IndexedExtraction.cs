using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// One layer on its way from its index and tar to a directory. Directories, links and nodes are made first and by one thread, in
/// the order of paths; then the files, by several; then further names of files, marks, and last the attributes of directories.
/// </summary>
internal sealed class IndexedExtraction : IDisposable
{
    private readonly LayerIndex _index;
    private readonly string _directory;
    private readonly ExtractOptions _options;
    private readonly LayerTarget _target;
    private readonly Dictionary<ImagePath, int> _directories = [];
    private readonly List<(ImagePath Path, LayerEntry? Own)> _shape = [];
    private readonly List<(ImagePath Path, EntryKind Kind)> _marks = [];
    private readonly List<int> _links = [];
    private readonly List<int> _files = [];

    internal IndexedExtraction(LayerIndex index, string directory, ExtractOptions options)
    {
        _index = index;
        _directory = directory;
        _options = options;
        _target = new LayerTarget(directory, options);
        _directories.Add(ImagePath.Root, 0);
        _shape.Add((ImagePath.Root, null));
    }

    internal void Run(SafeFileHandle tar, CancellationToken cancellationToken)
    {
        MakeTree(cancellationToken);
        WriteFiles(tar, cancellationToken);
        foreach (var position in _links)
        {
            var link = _index[position];
            _target.MakeHardLink(ImagePath.FromClean(link.LinkTarget.ToArray()), link.Path);
        }
        _target.Complete(new LayerShape(_index.SelfContained, _marks, KindAt, _shape));
    }

    public void Dispose() => _target.Dispose();

    private void MakeTree(CancellationToken cancellationToken)
    {
        for (var position = 0; position < _index.Count; position++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var kind = _index.KindAt(position);
            if (kind == EntryKind.Regular)
            {
                MakeParent(_index.PathAt(position));
                _files.Add(position);
                continue;
            }
            var entry = _index[position];
            switch (kind)
            {
                case EntryKind.Directory:
                    MakeDirectory(entry.Path, entry);
                    break;
                case EntryKind.Whiteout or EntryKind.OpaqueWhiteout:
                    MakeDirectory(kind == EntryKind.Whiteout ? entry.Path.Parent : entry.Path, null);
                    _marks.Add((entry.Path, kind));
                    break;
                case EntryKind.HardLink:
                    MakeParent(entry.Path.Bytes);
                    _links.Add(position);
                    break;
                default:
                    MakeParent(entry.Path.Bytes);
                    _target.Make(entry.Path, entry);
                    break;
            }
        }
    }

    private void MakeParent(ReadOnlySpan<byte> path)
    {
        var parent = path[..Math.Max(0, path.LastIndexOf((byte)'/'))];
        // Nearly always the directory that was made last.
        if (!_shape[^1].Path.Bytes.SequenceEqual(parent))
        {
            MakeDirectory(ImagePath.FromClean(parent.ToArray()), null);
        }
    }

    private void MakeDirectory(ImagePath path, LayerEntry? own)
    {
        if (_directories.TryGetValue(path, out var place))
        {
            if (own is not null)
            {
                _shape[place] = (path, own);
            }
            return;
        }
        MakeDirectory(path.Parent, null);
        _target.MakeDirectory(path);
        _directories.Add(path, _shape.Count);
        _shape.Add((path, own));
    }

    private EntryKind? KindAt(ImagePath path)
    {
        if (_directories.ContainsKey(path))
        {
            return EntryKind.Directory;
        }
        return _index.Find(path) is >= 0 and var position && _index.KindAt(position) is var kind and not EntryKind.Whiteout ? kind : null;
    }

    private void WriteFiles(SafeFileHandle tar, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var queue = new FileQueue(_index, _files);
        var workers = Math.Min(queue.Count, _options.Workers);
        try
        {
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, workers) }, _ =>
            {
                try
                {
                    using var writer = new IndexedFileWriter(_index, tar, new LayerTarget(_directory, _options));
                    while (queue.TryTake(out var portion))
                    {
                        writer.Write(portion, stop.Token);
                    }
                }
                catch
                {
                    stop.Cancel();
                    throw;
                }
            });
        }
        catch (AggregateException e)
        {
            // What failed, not those that were stopped for it.
            ExceptionDispatchInfo.Throw(e.InnerExceptions.FirstOrDefault(inner => inner is not OperationCanceledException) ?? e.InnerExceptions[0]);
        }
        cancellationToken.ThrowIfCancellationRequested();
    }
}

namespace Strata.Content.Layers;

/// <summary>
/// The regular files of a layer in the order of its tar, given out in portions to several threads. A portion ends where a directory
/// does, if it can: two threads that make files in one directory wait for each other.
/// </summary>
internal sealed class FileQueue
{
    private const int FewFiles = 64;
    private const int ManyFiles = 1024;
    private const long ManyBytes = 16 * 1024 * 1024;

    private readonly (long Offset, int Position)[] _files;
    private readonly List<int> _ends = [];
    private int _taken;

    internal FileQueue(LayerIndex index, IReadOnlyList<int> positions)
    {
        _files = new (long, int)[positions.Count];
        for (var i = 0; i < _files.Length; i++)
        {
            _files[i] = (index.ContentOffsetAt(positions[i]), positions[i]);
        }
        Array.Sort(_files);
        var first = 0;
        for (var i = 1; i < _files.Length; i++)
        {
            var count = i - first;
            if (count >= ManyFiles || _files[i].Offset - _files[first].Offset >= ManyBytes
                || (count >= FewFiles && !InOneDirectory(index, _files[i - 1].Position, _files[i].Position)))
            {
                _ends.Add(i);
                first = i;
            }
        }
        if (_files.Length > 0)
        {
            _ends.Add(_files.Length);
        }
    }

    /// <summary>Portions there are.</summary>
    internal int Count => _ends.Count;

    internal bool TryTake(out ReadOnlySpan<(long Offset, int Position)> portion)
    {
        var number = Interlocked.Increment(ref _taken) - 1;
        if (number >= _ends.Count)
        {
            portion = default;
            return false;
        }
        portion = _files.AsSpan((number == 0 ? 0 : _ends[number - 1])..(_ends[number]));
        return true;
    }

    private static bool InOneDirectory(LayerIndex index, int x, int y) => Parent(index.PathAt(x)).SequenceEqual(Parent(index.PathAt(y)));

    private static ReadOnlySpan<byte> Parent(ReadOnlySpan<byte> path) => path[..Math.Max(0, path.LastIndexOf((byte)'/'))];
}

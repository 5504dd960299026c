using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>The names in one directory of a merged tree, one after the other: a merge of the layers' parts, each in <see cref="PathOrder"/>.</summary>
internal sealed class MergedListing
{
    private readonly MergedTree _tree;
    private readonly ImagePath _directory;
    private readonly int _nameStart;
    private readonly LayerPart[] _parts;
    private readonly PriorityQueue<int, int> _queue;

    /// <param name="tree">The tree.</param>
    /// <param name="directory">A directory of it.</param>
    /// <param name="parts">What layers have below the directory, newest first, none that is hidden.</param>
    internal MergedListing(MergedTree tree, ImagePath directory, List<LayerPart> parts)
    {
        _tree = tree;
        _directory = directory;
        _nameStart = directory.IsRoot ? 0 : directory.Bytes.Length + 1;
        _parts = [.. parts];
        // A part is its own priority: what it stands at is looked up, and only changes while it is out of the queue.
        _queue = new PriorityQueue<int, int>(Comparer<int>.Create(Compare));
        for (var part = 0; part < _parts.Length; part++)
        {
            Enqueue(part);
        }
    }

    /// <summary>The next entry; for a directory also what layers have below it.</summary>
    internal bool Next(out MergedEntry entry, out List<LayerPart>? below)
    {
        while (_queue.TryPeek(out var first, out _))
        {
            var path = _directory.Append(Name(first));
            if (Take(path, out entry, out below))
            {
                return true;
            }
        }
        entry = default;
        below = null;
        return false;
    }

    // Takes the path out of all layers; false where it turns out to be hidden.
    private bool Take(ImagePath path, out MergedEntry entry, out List<LayerPart>? below)
    {
        MergedEntry? found = null;
        below = null;
        var hidden = false;
        while (_queue.TryPeek(out var part, out _) && Name(part).SequenceEqual(path.Name))
        {
            _queue.Dequeue();
            var (layer, start, partEnd) = _parts[part];
            var index = _tree.Layer(layer);
            var end = index.EndOf(path.Bytes, start);
            if (!hidden)
            {
                var answer = LayerAnswer.OfGroup(index, path.Bytes, start);
                hidden = answer.HidesLower;
                if (answer.Is == LayerAnswer.Shape.File)
                {
                    found ??= new MergedEntry(path, layer, answer.Position, index[answer.Position]);
                }
                else if (answer.Is == LayerAnswer.Shape.Directory)
                {
                    found ??= answer.Position >= 0
                        ? new MergedEntry(path, layer, answer.Position, index[answer.Position])
                        : _tree.Implied(path, layer);
                    (below ??= []).Add(new LayerPart(layer, answer.First, end));
                }
            }
            _parts[part] = new LayerPart(layer, end, partEnd);
            Enqueue(part);
        }
        entry = found ?? default;
        return found is not null;
    }

    private void Enqueue(int part)
    {
        if (_parts[part].First < _parts[part].End)
        {
            _queue.Enqueue(part, part);
        }
    }

    private ReadOnlySpan<byte> Name(int part)
    {
        var rest = _tree.Layer(_parts[part].Layer).PathAt(_parts[part].First)[_nameStart..];
        var slash = rest.IndexOf((byte)'/');
        return slash < 0 ? rest : rest[..slash];
    }

    private int Compare(int x, int y)
    {
        var order = Name(x).SequenceCompareTo(Name(y));
        return order != 0 ? order : x - y;
    }
}

namespace Strata.Registry.Manifests;

/// <summary>
/// The bytes of manifests that were asked for lately, by the id of their row. An id's bytes never change and an id is never given twice,
/// so nothing here can be stale: whether a repository has a manifest is asked of the database each time.
/// </summary>
internal sealed class ManifestCache(long capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, LinkedListNode<(long Id, byte[] Content)>> _nodes = [];
    private readonly LinkedList<(long Id, byte[] Content)> _recent = [];
    private long _size;

    public byte[]? Find(long id)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(id, out var node))
            {
                return null;
            }
            if (node != _recent.First)
            {
                _recent.Remove(node);
                _recent.AddFirst(node);
            }
            return node.Value.Content;
        }
    }

    public void Add(long id, byte[] content)
    {
        lock (_gate)
        {
            if (content.Length > capacity || _nodes.ContainsKey(id))
            {
                return;
            }
            _nodes[id] = _recent.AddFirst((id, content));
            _size += content.Length;
            while (_size > capacity && _recent.Last is { } oldest)
            {
                _recent.RemoveLast();
                _nodes.Remove(oldest.Value.Id);
                _size -= oldest.Value.Content.Length;
            }
        }
    }
}

using Strata.Content.Layers;
using Strata.Oci;

namespace Strata.Store;

/// <summary>The indexes used last, in memory.</summary>
internal sealed class IndexCache(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, LinkedListNode<LayerIndex>> _nodes = [];
    private readonly LinkedList<LayerIndex> _order = [];

    public LayerIndex? Find(Digest diffId)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(diffId, out var node))
            {
                return null;
            }
            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value;
        }
    }

    public void Add(LayerIndex index)
    {
        lock (_gate)
        {
            if (_nodes.Remove(index.DiffId, out var old))
            {
                _order.Remove(old);
            }
            _nodes[index.DiffId] = _order.AddFirst(index);
            if (_nodes.Count > capacity)
            {
                _nodes.Remove(_order.Last!.Value.DiffId);
                _order.RemoveLast();
            }
        }
    }
}

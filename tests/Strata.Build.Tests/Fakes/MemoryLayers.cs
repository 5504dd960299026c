using System.Collections.Concurrent;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build.Tests;

/// <summary>Layers kept as bytes.</summary>
internal sealed class MemoryLayers : ILayerAccess
{
    private readonly ConcurrentDictionary<Digest, (byte[] Tar, LayerIndex Index)> _layers = [];

    public int Opened { get; private set; }

    public int FilesRead { get; private set; }

    public int Committed { get; private set; }

    /// <summary>Gives the files of a layer from last to first, as a store may.</summary>
    public bool Backwards { get; set; }

    /// <summary>Called whenever a layer is begun: the moment between reading files and writing them.</summary>
    public Action? OnBegin { get; set; }

    public byte[] TarOf(Digest diffId) => _layers[diffId].Tar;

    public LayerIndex IndexOf(Digest diffId) => _layers[diffId].Index;

    /// <summary>Adds a layer made by hand.</summary>
    public LayerIndex Add(Action<LayerBuilder> fill, FileTime? clamp = null)
    {
        var tar = new MemoryStream();
        using var builder = new LayerBuilder(tar, clamp);
        fill(builder);
        var index = builder.Complete();
        _layers[index.DiffId] = (tar.ToArray(), index);
        return index;
    }

    public ValueTask<LayerIndex> OpenIndexAsync(Digest diffId, CancellationToken ct)
    {
        Opened++;
        return ValueTask.FromResult(_layers[diffId].Index);
    }

    public ILayerWriter Begin()
    {
        OnBegin?.Invoke();
        return new Writer(this);
    }

    public ValueTask ReadFilesAsync(Digest diffId, IReadOnlyList<int> positions, Action<int, Stream> receive, CancellationToken ct)
    {
        Assert.Equal(positions.Order(), positions);
        var (tar, index) = _layers[diffId];
        foreach (var position in Backwards ? positions.Reverse() : positions)
        {
            var entry = index[position];
            Assert.Equal(EntryKind.Regular, entry.Kind);
            FilesRead++;
            receive(position, new MemoryStream(tar, (int)entry.TarOffset, (int)entry.Size, writable: false));
        }
        return ValueTask.CompletedTask;
    }

    private sealed class Writer(MemoryLayers layers) : ILayerWriter
    {
        private readonly MemoryStream _tar = new();

        public Stream Tar => _tar;

        public ValueTask CommitAsync(LayerIndex index, CancellationToken ct)
        {
            Assert.Equal(Digest.Of(_tar.ToArray()), index.DiffId);
            layers._layers[index.DiffId] = (_tar.ToArray(), index);
            layers.Committed++;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

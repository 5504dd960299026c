using Strata.Content.Compression;
using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Makes an image of one layer out of a tar of a root file system, compressed or not; the bytes of the tar are kept as they are.</summary>
public sealed class ImportImage(LocalStore store)
{
    /// <param name="name">What it is called afterwards; null leaves it to its id.</param>
    public async Task<Digest> RunAsync(Stream tar, string source, Reference? name, CancellationToken cancellationToken)
    {
        var first = new byte[4];
        try
        {
            await using var pending = store.Layers.Begin();
            var length = await tar.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellationToken);
            await using var plain = LayerDecompression.Open(new PrefixedStream(first.AsMemory(0, length), tar));
            await using var copied = new CopyingStream(plain, pending.Tar);
            var index = LayerIndexer.Index(copied, IndexLimits.Default, cancellationToken);
            await pending.CommitAsync(index, cancellationToken);
            var id = await store.Images.AddAsync(Config(index).ToBytes(), cancellationToken);
            if (name is not null)
            {
                store.Names.Give(name.WithDefaultTag(), id, manifest: null);
            }
            return id;
        }
        catch (Exception e) when (e is InvalidLayerException or InvalidDataException)
        {
            throw new StrataException($"{source} can't be imported: {ForeignCompression.Explain(first) ?? e.Message}", "import takes a tar of a root file system, plain or compressed with gzip or zstd", e);
        }
    }

    private static ImageConfig Config(LayerIndex index)
    {
        // Nothing but the tar goes in, neither its name nor the time: the same tar gives the same image anywhere.
        var created = OciTime.Format(DateTimeOffset.FromUnixTimeSeconds(Math.Max(0, Newest(index))));
        return new ImageConfig
        {
            Created = created,
            Architecture = Platform.Local.Architecture,
            Os = Platform.Local.Os,
            Config = new ContainerConfig(),
            RootFs = new RootFs { DiffIds = [index.DiffId] },
            History = [new HistoryEntry { Created = created, CreatedBy = "strata import" }],
        };
    }

    private static long Newest(LayerIndex index)
    {
        long newest = 0;
        for (var i = 0; i < index.Count; i++)
        {
            newest = Math.Max(newest, index[i].Modified.Seconds);
        }
        return newest;
    }

    /// <summary>Writes down what is read through it.</summary>
    private sealed class CopyingStream(Stream from, Stream to) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            var count = from.Read(buffer);
            to.Write(buffer[..count]);
            return count;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await from.ReadAsync(buffer, cancellationToken);
            await to.WriteAsync(buffer[..count], cancellationToken);
            return count;
        }
    }
}

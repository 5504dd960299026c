using System.IO.Compression;
using System.Text;
using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Content.Tar;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Fuzz;

/// <summary>Sound archives and layouts, as docker, podman and skopeo write them.</summary>
internal static class MediaSeeds
{
    private static readonly RandomImage Image = RandomImage.Create(1, layers: 2, layerSize: 64);

    public static IEnumerable<byte[]> Archives()
    {
        var old = OldDocker();
        foreach (var archive in new[] { Written(ArchiveFormat.Oci), Written(ArchiveFormat.Docker), old, Podman(), ByHand() })
        {
            yield return archive;
        }
        using var gzip = new MemoryStream();
        using (var compressor = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true))
        {
            compressor.Write(old);
        }
        yield return gzip.ToArray();
        using var zstd = new MemoryStream();
        using (var compressor = LayerEncoder.Zstd(1).Open(zstd))
        {
            compressor.Write(old);
            compressor.Complete();
        }
        yield return zstd.ToArray();
    }

    /// <summary>Documents as <see cref="Targets.LayoutTarget"/> takes them: two lists, then blobs.</summary>
    public static IEnumerable<byte[]> Layouts()
    {
        var entry = Image.Manifest.Descriptor;
        var index = RandomImage.Index(Image);
        var named = new SortedDictionary<string, string>
        {
            ["org.opencontainers.image.ref.name"] = "latest",
            ["io.containerd.image.name"] = "docker.io/library/app:latest",
        };
        byte[][] blobs = [Image.Manifest.Raw.ToArray(), index.Raw.ToArray(), Image.Blobs[0].Content];
        yield return Documents(ImageIndex.Create([entry with { Annotations = named }, index.Descriptor]).Raw.ToArray(), LayoutPaths.MarkerContent.ToArray(), [.. blobs]);
        var empty = """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();
        var bare = Manifest.Create(new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Digest.Of(empty), Size = empty.Length }, []);
        yield return Documents(ImageIndex.Create([bare.Descriptor with { Annotations = named }]).Raw.ToArray(), [], bare.Raw.ToArray(), empty);
        yield return Documents(
            List(LayoutPaths.Of(Digest.Of(empty)), [], "app:1"), """{"app":{"1":"0123"}}"""u8.ToArray(), empty);
        var layer = "no tar, and nobody looks"u8.ToArray();
        var config = Encoding.ASCII.GetBytes($$$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["{{{Digest.Of(layer)}}}"]}}""");
        yield return Documents(List(LayoutPaths.Of(Digest.Of(config)), [LayoutPaths.Of(Digest.Of(layer))], "app:1"), [], config, layer);
    }

    private static byte[] Documents(byte[] first, byte[] second, params byte[][] blobs)
    {
        using var all = new MemoryStream();
        all.Write(first);
        foreach (var document in blobs.Prepend(second))
        {
            all.WriteByte(0);
            all.Write(document);
        }
        return all.ToArray();
    }

    private static byte[] Written(ArchiveFormat format)
    {
        var medium = new MemoryMedium();
        Image.WriteAsync(medium, null, CancellationToken.None).GetAwaiter().GetResult();
        using var buffer = new MemoryStream();
        using var writer = new ImageArchiveWriter(buffer, format);
        var name = Reference.Parse("app:1");
        ImageCopy.CopyAsync(medium, writer.In(name), Image.Manifest, new CopyOptions { Tag = name.Tag }, null, CancellationToken.None).GetAwaiter().GetResult();
        writer.CompleteAsync(CancellationToken.None).GetAwaiter().GetResult();
        return buffer.ToArray();
    }

    // A folder a layer, links for layers that occur twice.
    private static byte[] OldDocker() => Pack(
        File("aaa/VERSION", "1.0"u8),
        File("aaa/layer.tar", Tar(0)),
        File("real.tar", Tar(1)),
        Link("bbb/layer.tar", "../real.tar", TarType.SymbolicLink),
        File("config.json", Image.Blobs[0].Content),
        File("repositories", "{}"u8),
        File("manifest.json", List("config.json", ["aaa/layer.tar", "bbb/layer.tar"], "app:1", "example.com/app:2")));

    // Layers beside their config, each called by its digest.
    private static byte[] Podman() => Pack(
        File($"{Digest.Of(Tar(0)).Hex}.tar", Tar(0)),
        File($"{Digest.Of(Tar(1)).Hex}.tar", Tar(1)),
        File($"{Image.ConfigDescriptor.Digest.Hex}.json", Image.Blobs[0].Content),
        File("manifest.json", List($"{Image.ConfigDescriptor.Digest.Hex}.json", [$"{Digest.Of(Tar(0)).Hex}.tar", $"{Digest.Of(Tar(1)).Hex}.tar"], "app:1")));

    private static byte[] ByHand() => Pack(
        File("./config", Image.Blobs[0].Content),
        File("./0.tar.gz", Image.Blobs[1].Content),
        File("./1.tar", Tar(1)),
        Link("./l", "./1.tar", TarType.HardLink),
        File("./manifest.json", List("config", ["0.tar.gz", "l"])));

    private static byte[] List(string config, IReadOnlyList<string> layers, params string[] names) => Encoding.UTF8.GetBytes(
        $$"""[{"Config":"{{config}}","RepoTags":[{{Quoted(names)}}],"Layers":[{{Quoted(layers)}}]}]""");

    private static string Quoted(IEnumerable<string> texts) => string.Join(',', texts.Select(text => $"\"{text}\""));

    private static byte[] Tar(int layer)
    {
        using var tar = LayerDecompression.Open(new MemoryStream(Image.Blobs[layer + 1].Content));
        using var buffer = new MemoryStream();
        tar.CopyTo(buffer);
        return buffer.ToArray();
    }

    private static (TarHeader Header, byte[] Content) File(string name, ReadOnlySpan<byte> content) =>
        (new TarHeader { Name = Encoding.UTF8.GetBytes(name), Type = TarType.Regular, Mode = 0x1A4, Size = content.Length }, content.ToArray());

    private static (TarHeader Header, byte[] Content) Link(string name, string target, byte type) =>
        (new TarHeader { Name = Encoding.UTF8.GetBytes(name), Type = type, LinkName = Encoding.UTF8.GetBytes(target) }, []);

    private static byte[] Pack(params (TarHeader Header, byte[] Content)[] entries)
    {
        using var buffer = new MemoryStream();
        using var tar = new TarWriter(buffer);
        foreach (var (header, content) in entries)
        {
            tar.WriteHeader(header);
            tar.Write(content);
        }
        tar.Complete();
        return buffer.ToArray();
    }
}

using System.Text;
using System.Text.Json;
using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Content.Tar;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Media;

/// <summary>Archives as other programs write them, or as nobody should.</summary>
internal static class ArchiveOf
{
    public static (string Name, byte[] Content) File(string name, string content) => (name, Encoding.UTF8.GetBytes(content));

    public static byte[] Files(params (string Name, byte[] Content)[] files) => Entries([.. files.Select(file => Entry(file.Name, file.Content))]);

    public static (TarHeader Header, byte[] Content) Entry(string name, byte[] content) =>
        (new TarHeader { Name = Encoding.UTF8.GetBytes(name), Type = TarType.Regular, Mode = 0x1A4, Size = content.Length }, content);

    public static (TarHeader Header, byte[] Content) Link(string name, string target, byte type = TarType.SymbolicLink) =>
        (new TarHeader { Name = Encoding.UTF8.GetBytes(name), Type = type, LinkName = Encoding.UTF8.GetBytes(target) }, []);

    public static byte[] Entries(params (TarHeader Header, byte[] Content)[] entries)
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

    /// <summary>The bare tars of an image's layers.</summary>
    public static async Task<IReadOnlyList<byte[]>> TarsAsync(RandomImage image)
    {
        var tars = new List<byte[]>();
        foreach (var (_, content) in image.Blobs.Skip(1))
        {
            await using var tar = Content.Compression.LayerDecompression.Open(new MemoryStream(content));
            using var buffer = new MemoryStream();
            await tar.CopyToAsync(buffer);
            tars.Add(buffer.ToArray());
        }
        return tars;
    }

    /// <summary>docker's list of one image.</summary>
    public static byte[] List(string config, IReadOnlyList<string> layers, params string[] names) => Encoding.UTF8.GetBytes(
        $$"""[{"Config":{{Text(config)}},"RepoTags":[{{string.Join(',', names.Select(Text))}}],"Layers":[{{string.Join(',', layers.Select(Text))}}]}]""");

    public static async Task<ImageArchive> OpenAsync(TemporaryFolder folder, byte[] archive)
    {
        var path = folder.File(Guid.NewGuid().ToString("N"));
        await System.IO.File.WriteAllBytesAsync(path, archive);
        var opened = await ImageArchive.OpenAsync(System.IO.File.OpenHandle(path), TestContext.Current.CancellationToken);
        Assert.NotNull(opened);
        return opened;
    }

    public static Task<ImageArchive> TakeAsync(byte[] archive) =>
        ImageArchive.TakeAsync(new MemoryStream(archive), new MemoryIntake(), TestContext.Current.CancellationToken);

    public static async Task<byte[]> WriteAsync(ArchiveFormat format, params (StoredManifest Manifest, IImageReader Source, Reference? Name)[] images)
    {
        using var buffer = new MemoryStream();
        using var writer = new ImageArchiveWriter(buffer, format);
        foreach (var (manifest, source, name) in images)
        {
            var options = new CopyOptions { Tag = name?.Tag };
            Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, writer.In(name), manifest, options, null, TestContext.Current.CancellationToken));
        }
        await writer.CompleteAsync(TestContext.Current.CancellationToken);
        return buffer.ToArray();
    }

    private static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}

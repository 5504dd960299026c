using System.Text;
using CsCheck;
using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Content.Streams;
using Strata.Content.Tar;
using Strata.Content.Tests.Tar;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Media;

/// <summary>Archives that lie, lack something, or want too much: one clear error each.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private static readonly RandomImage Image = RandomImage.Create(1, layers: 1);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Config => Image.ConfigDescriptor.Digest.Hex + ".json";

    public void Dispose() => _folder.Dispose();

    private async Task<string> RefusedAsync(byte[] archive)
    {
        var seekable = await Assert.ThrowsAsync<InvalidImageException>(() => ArchiveOf.OpenAsync(_folder, archive));
        var once = await Assert.ThrowsAsync<InvalidImageException>(() => ArchiveOf.TakeAsync(archive));
        Assert.Equal(seekable.Message, once.Message);
        return seekable.Message;
    }

    private static byte[] Docker(byte[] list, params (TarHeader, byte[])[] more) =>
        ArchiveOf.Entries([ArchiveOf.Entry(Config, Image.Blobs[0].Content), ArchiveOf.Entry("manifest.json", list), .. more]);

    [Fact]
    public async Task What_is_no_archive_of_images_is_called_that()
    {
        Assert.Contains("neither index.json nor manifest.json", await RefusedAsync(ArchiveOf.Files(ArchiveOf.File("etc/passwd", "x"))), StringComparison.Ordinal);
        Assert.Contains("before 1.10", await RefusedAsync(ArchiveOf.Files(ArchiveOf.File("repositories", "{}"))), StringComparison.Ordinal);
        Assert.Contains("no archive of images", await RefusedAsync(new byte[] { 1, 2, 3, 4, 5 }), StringComparison.Ordinal);
        Assert.Contains("is empty", await RefusedAsync([]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bzip2", new byte[] { 0x42, 0x5A, 0x68, 0x39 })]
    [InlineData("xz", new byte[] { 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0 })]
    [InlineData("lz4", new byte[] { 4, 0x22, 0x4D, 0x18 })]
    public async Task A_compression_that_is_not_read_is_called_by_its_name(string name, byte[] magic) =>
        Assert.Equal($"It is compressed with {name}, which is not read (gzip and zstd are); unpack it first.", await RefusedAsync([.. magic, .. Enumerable.Repeat((byte)7, 2000)]));

    [Fact]
    public async Task What_ends_too_early_is_called_cut_off()
    {
        var content = new byte[100_000];
        new Random(1).NextBytes(content);
        var whole = ArchiveOf.Files(("manifest.json", content));
        Assert.Contains("archive is cut off at byte 50,000;", await RefusedAsync(whole[..50_000]), StringComparison.Ordinal);
        using var gzip = new MemoryStream();
        using (var compressing = Content.Compression.LayerEncoder.Default.Open(gzip))
        {
            compressing.Write(whole);
            compressing.Complete();
        }
        var cut = await Assert.ThrowsAsync<InvalidImageException>(() => ArchiveOf.TakeAsync(gzip.ToArray()[..50_000]));
        Assert.Contains("archive cannot be unpacked. The gzip data is cut off", cut.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_archive_that_is_cut_anywhere_is_said_to_be_cut_off()
    {
        using var buffer = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(buffer, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            await gzip.WriteAsync(Docker(ArchiveOf.List(Config, ["l.tar"]), ArchiveOf.Entry("l.tar", (await ArchiveOf.TarsAsync(Image))[0])), Stop);
        }
        using var zstd = new MemoryStream();
        using (var compressing = Content.Compression.LayerEncoder.Zstd(3).Open(zstd))
        {
            compressing.Write(Docker(ArchiveOf.List(Config, ["l.tar"]), ArchiveOf.Entry("l.tar", (await ArchiveOf.TarsAsync(Image))[0])));
            compressing.Complete();
        }
        (await ArchiveOf.TakeAsync(buffer.ToArray())).Dispose();
        var whole = buffer.ToArray();
        for (var length = 2; length < whole.Length; length++)
        {
            var refusal = await Assert.ThrowsAsync<InvalidImageException>(() => ArchiveOf.TakeAsync(whole[..length]));
            Assert.Equal("The archive cannot be unpacked. The gzip data is cut off: its end is missing.", refusal.Message);
        }
        var half = await Assert.ThrowsAsync<InvalidImageException>(() => ArchiveOf.TakeAsync(zstd.ToArray()[..(whole.Length / 2)]));
        Assert.Equal("The archive cannot be unpacked. The zstd data is cut off: its end is missing.", half.Message);
        whole[whole.Length / 2] ^= 0x55;
        var damaged = await Assert.ThrowsAsync<InvalidImageException>(() => ArchiveOf.TakeAsync(whole));
        Assert.StartsWith("The archive cannot be unpacked. The gzip data is ", damaged.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE html>\n<html><body>404</body></html>", "it seems to be an HTML page, as a server sends for an error or a login.")]
    [InlineData("\uFEFF \n<HTML>", "it seems to be an HTML page, as a server sends for an error or a login.")]
    [InlineData("{\"errors\":[]}", "it seems to be a JSON document.")]
    [InlineData("<?xml version=\"1.0\"?><Error/>", "it seems to be an XML document.")]
    [InlineData("Not found", "it seems to be text.")]
    [InlineData("\u0001\u0002\u0003", "packed with gzip or zstd.")]
    public async Task What_is_no_archive_is_told_what_was_expected_and_what_it_seems_to_be(string content, string said)
    {
        foreach (var text in new[] { content, content.PadRight(3000, content[^1]) })
        {
            var refusal = await RefusedAsync(System.Text.Encoding.UTF8.GetBytes(text));
            Assert.StartsWith("This is no archive of images: a tar was expected, as it is or packed with gzip or zstd", refusal, StringComparison.Ordinal);
            Assert.True(refusal.EndsWith(said, StringComparison.Ordinal) || (content[0] == 1 && text.Length == 3000), refusal);
        }
    }

    [Theory]
    [InlineData("null", "lists no image")]
    [InlineData("[]", "lists no image")]
    [InlineData("{}", "no list of images")]
    [InlineData("[null]", "without a config")]
    [InlineData("[{}]", "without a config")]
    [InlineData("""[{"Config":"x","Layers":[null]}]""", "without a config")]
    [InlineData("""[{"Config":"x","Layers":[]}]""", "names x, which is not in the archive")]
    [InlineData("""[{"Config":"../../etc/passwd","Layers":[]}]""", "not in the archive")]
    [InlineData("""[{"Config":"manifest.json","Layers":[]}]""", "cannot be read")]
    [InlineData("[[[[[[", "no list of images")]
    public async Task A_broken_list_is_refused(string list, string said) =>
        Assert.Contains(said, await RefusedAsync(ArchiveOf.Files(ArchiveOf.File("manifest.json", list))), StringComparison.Ordinal);

    [Fact]
    public async Task Layers_and_config_must_agree_and_names_must_be_names()
    {
        Assert.Contains("1 layers in its config and 0", await RefusedAsync(Docker(ArchiveOf.List(Config, []))), StringComparison.Ordinal);
        var layer = ArchiveOf.Entry("l.tar", (await ArchiveOf.TarsAsync(Image))[0]);
        Assert.Contains("calls an image 'Bad Name'", await RefusedAsync(Docker(ArchiveOf.List(Config, ["l.tar"], "Bad Name"), layer)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../../etc/shadow")]
    [InlineData("/etc/../../shadow")]
    [InlineData("loop.tar")]
    [InlineData("x/../../trap.tar")]
    public async Task A_link_that_leads_nowhere_or_outside_finds_nothing(string target)
    {
        // What a reader would find that takes the root for its own parent.
        var layer = (await ArchiveOf.TarsAsync(Image))[0];
        string[] traps = ["etc/shadow", "shadow", "trap.tar"];
        var message = await RefusedAsync(Docker(
            ArchiveOf.List(Config, ["l.tar"]),
            [ArchiveOf.Link("l.tar", target), ArchiveOf.Link("loop.tar", "l.tar"), .. traps.Select(name => ArchiveOf.Entry(name, layer))]));
        Assert.Contains("l.tar, which is not in the archive", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../l.tar", "l.tar")]
    [InlineData("a/../../l.tar", "l.tar")]
    [InlineData("l.tar", "../l.tar")]
    [InlineData("l.tar", "/../l.tar")]
    public async Task A_name_that_leads_outside_is_no_name_inside(string inArchive, string inList)
    {
        var layer = ArchiveOf.Entry(inArchive, (await ArchiveOf.TarsAsync(Image))[0]);
        Assert.Contains($"{inList}, which is not in the archive", await RefusedAsync(Docker(ArchiveOf.List(Config, [inList]), layer)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sparse_file_is_refused()
    {
        var block = RawTar.Sparse("l.tar", 0, 1 << 30, "");
        Assert.Contains("holds l.tar as a sparse file", await RefusedAsync([.. block, .. Docker(ArchiveOf.List(Config, ["l.tar"]))]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_and_configs_have_a_limit()
    {
        var blank = new byte[16 * 1024 * 1024 + 1];
        blank.AsSpan().Fill((byte)' ');
        byte[][] archives =
        [
            ArchiveOf.Files(("manifest.json", blank)),
            ArchiveOf.Files(("big", blank[..(8 * 1024 * 1024 + 1)]), ("manifest.json", ArchiveOf.List("big", []))),
            ArchiveOf.Files(ArchiveOf.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""), ("index.json", blank[..(4 * 1024 * 1024 + 1)])),
            ArchiveOf.Files(("oci-layout", blank[..(64 * 1024 + 1)]), ArchiveOf.File("index.json", "{}")),
        ];
        foreach (var archive in archives)
        {
            await Assert.ThrowsAsync<ContentTooLargeException>(() => ArchiveOf.OpenAsync(_folder, archive));
            await Assert.ThrowsAsync<ContentTooLargeException>(() => ArchiveOf.TakeAsync(archive));
        }
        var entry = Encoding.UTF8.GetString(ArchiveOf.List(Config, ["l.tar"]))[1..^1];
        var many = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(entry, 1001))}]");
        Assert.Contains("more than 1,000 images", await RefusedAsync(Docker(many, ArchiveOf.Entry("l.tar", (await ArchiveOf.TarsAsync(Image))[0]))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_small_files_of_an_archive_that_is_read_once_do_not_stay_in_memory()
    {
        var intake = new MemoryIntake();
        var small = new byte[1024 * 1024];
        var files = Enumerable.Range(0, 66).Select(i => ($"f{i}", small)).Append(("manifest.json", Encoding.UTF8.GetBytes("[]")));
        await Assert.ThrowsAsync<InvalidImageException>(() => ImageArchive.TakeAsync(new MemoryStream(ArchiveOf.Files([.. files])), intake, Stop));
        Assert.Equal(3, intake.Unnamed);
    }

    [Fact]
    public async Task A_manifest_that_is_not_its_name_is_refused_when_the_archive_is_opened()
    {
        var bytes = ArchiveOf.Files(
            ($"blobs/sha256/{Image.Manifest.Digest.Hex}", [.. Image.Manifest.Raw.Span, (byte)' ']),
            ArchiveOf.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""),
            ("index.json", ImageIndex.Create([Image.Manifest.Descriptor]).Raw.ToArray()));
        var refusal = await Assert.ThrowsAsync<InvalidImageException>(() => ArchiveOf.OpenAsync(_folder, bytes));
        Assert.Contains("The archive is damaged", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_name_for_two_files_is_refused()
    {
        var list = ArchiveOf.List(Config, ["l.tar"]);
        var (a, b) = (ArchiveOf.Entry("l.tar", [1]), ArchiveOf.Entry("./l.tar", [2]));
        Assert.Contains("l.tar twice", await RefusedAsync(Docker(list, a, b)), StringComparison.Ordinal);
        Assert.Contains("l.tar twice", await RefusedAsync(Docker(list, a, ArchiveOf.Link("l.tar", "other"))), StringComparison.Ordinal);
        Assert.Contains("l.tar twice", await RefusedAsync(Docker(list, ArchiveOf.Link("l.tar", "other"), a)), StringComparison.Ordinal);
        Assert.Contains("manifest.json twice", await RefusedAsync(Docker(list, ArchiveOf.Entry("manifest.json", list))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_entries_have_a_limit()
    {
        Assert.Contains("more than 4,096 bytes", await RefusedAsync(ArchiveOf.Files((new string('n', 5000), []))), StringComparison.Ordinal);
        var many = new (string, byte[])[100_001];
        Array.Fill(many, ("", []));
        Assert.Contains("more than 100,000 entries", await RefusedAsync(ArchiveOf.Files([.. many.Select((_, i) => ($"f{i}", Array.Empty<byte>()))])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_without_its_manifests_or_of_another_version_is_refused()
    {
        var source = new MemoryMedium();
        await Image.WriteAsync(source, null, Stop);
        var index = ImageIndex.Create([Image.Manifest.Descriptor]).Raw.ToArray();
        var marker = ArchiveOf.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        Assert.Contains("which is not in the archive", await RefusedAsync(ArchiveOf.Files(marker, ("index.json", index))), StringComparison.Ordinal);
        Assert.Contains("'2.0'", await RefusedAsync(ArchiveOf.Files(ArchiveOf.File("oci-layout", """{"imageLayoutVersion":"2.0"}"""), ("index.json", index))), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await RefusedAsync(ArchiveOf.Files(marker, ArchiveOf.File("index.json", "{"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_that_is_not_its_name_is_found_out_when_it_is_read()
    {
        var layer = Image.Blobs[1];
        var wrong = layer.Content.ToArray();
        wrong[^1] ^= 1;
        var bytes = ArchiveOf.Files(
            ($"blobs/sha256/{layer.Descriptor.Digest.Hex}", wrong),
            ($"blobs/sha256/{Image.ConfigDescriptor.Digest.Hex}", Image.Blobs[0].Content),
            ($"blobs/sha256/{Image.Manifest.Digest.Hex}", Image.Manifest.Raw.ToArray()),
            ArchiveOf.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""),
            ("index.json", ImageIndex.Create([Image.Manifest.Descriptor]).Raw.ToArray()));
        using var archive = await ArchiveOf.OpenAsync(_folder, bytes);
        var copy = ImageCopy.CopyAsync(archive, new MemoryMedium(), Image.Manifest, new CopyOptions(), null, Stop);
        await Assert.ThrowsAsync<ContentMismatchException>(() => copy);
        await Assert.ThrowsAsync<ContentMismatchException>(() => ArchiveOf.TakeAsync(bytes));
    }

    [Fact]
    public async Task Damaged_archives_end_in_an_error_of_ours_or_in_an_image()
    {
        var source = new MemoryMedium();
        await Image.WriteAsync(source, null, Stop);
        var oci = await ArchiveOf.WriteAsync(ArchiveFormat.Docker, (Image.Manifest, source, Reference.Parse("a:1")));
        var docker = Docker(ArchiveOf.List(Config, ["l.tar"], "a:1"), ArchiveOf.Entry("l.tar", (await ArchiveOf.TarsAsync(Image))[0]), ArchiveOf.Link("k", "l.tar"));
        Gen.Select(Gen.Bool, Gen.Int[0, 20_000], Gen.Byte.Array[0, 12], Gen.Int[0, 3]).Sample((first, at, junk, kind) =>
        {
            var bytes = (first ? oci : docker).ToArray();
            at %= bytes.Length;
            switch (kind)
            {
                case 0:
                    junk.AsSpan(0, Math.Min(junk.Length, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                    break;
                case 1:
                    bytes = bytes[..at];
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. junk, .. bytes[at..]];
                    break;
                default:
                    bytes = [.. bytes[..(at & ~511)], .. bytes[Math.Min(bytes.Length, (at & ~511) + 512)..]];
                    break;
            }
            try
            {
                using var archive = ArchiveOf.TakeAsync(bytes).GetAwaiter().GetResult();
                Assert.NotNull(archive.Images);
            }
            catch (Exception e) when (e is InvalidImageException or ContentMismatchException or ContentTooLargeException)
            {
            }
        }, iter: 3000);
    }
}

using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Testing;

namespace Strata.Content.Tests.Layers;

/// <summary>The archives of data/tar, made again from their index and the contents of their files.</summary>
public sealed class RebuildTables
{
    /// <summary>Names a file twice, so that the first content is lost with what it was kept in.</summary>
    private const string KeptAsTheyAre = "hdr-only.tar";

    private static readonly Dictionary<string, string> Refused = new()
    {
        ["gnu-incremental.tar"] = "members that only an incremental dump has",
        ["gnu-sparse-big.tar"] = "60 GB of holes, over the limit",
        ["issue10968.tar"] = "a broken sparse map",
        ["issue11169.tar"] = "a broken PAX record",
        ["issue12435.tar"] = "a negative size",
        ["neg-size.tar"] = "a negative size",
        ["pax-bad-hdr-file.tar"] = "a broken PAX record",
        ["pax-bad-mtime-file.tar"] = "a time that is none",
        ["pax-nul-path.tar"] = "a NUL in a name",
        ["pax-nul-xattrs.tar"] = "a NUL in an attribute's name",
        ["pax-path-hdr.tar"] = "cut off after a special header",
        ["pax-sparse-big.tar"] = "60 GB of holes, over the limit",
        ["writer-big-long.tar"] = "cut off after its first header",
        ["writer-big.tar"] = "cut off after its first header",
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_archive_that_is_a_layer_is_made_again_to_the_byte_or_says_that_it_cannot_be()
    {
        var files = Directory.GetFiles(TestData.Path("tar", "testdata"), "*.tar").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(42, files.Count);
        var (rebuilt, kept, refused) = (0, new List<string>(), new List<string>());
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            LayerIndex index;
            try
            {
                index = LayerIndexer.Index(new MemoryStream(bytes), new IndexLimits { TotalSize = 1 << 30 }, Stop);
            }
            catch (InvalidLayerException)
            {
                refused.Add(Path.GetFileName(file));
                continue;
            }
            if (!index.Rebuildable)
            {
                kept.Add(Path.GetFileName(file));
                continue;
            }
            Assert.Equal(bytes, Rebuild(index, bytes));
            rebuilt++;
        }
        Assert.Equal(KeptAsTheyAre, string.Join(' ', kept));
        Assert.Equal(string.Join(' ', Refused.Keys), string.Join(' ', refused));
        Assert.Equal(files.Count - 1 - Refused.Count, rebuilt);
    }

    private static byte[] Rebuild(LayerIndex index, byte[] tar)
    {
        var contents = new Dictionary<Oci.Digest, byte[]>();
        using (var reader = new TarReader(new MemoryStream(tar), TarLimits.Default, Stop))
        {
            while (reader.ReadNext() is not null)
            {
                using var content = new MemoryStream();
                var piece = new byte[64 * 1024];
                while (reader.Read(piece) is > 0 and var length)
                {
                    content.Write(piece, 0, length);
                }
                contents[Oci.Digest.Of(content.ToArray())] = content.ToArray();
            }
        }
        using var again = new MemoryStream();
        TarRebuilder.Rebuild(index, entry => new MemoryStream(contents[entry.Content!.Value]), again, Stop);
        return again.ToArray();
    }
}

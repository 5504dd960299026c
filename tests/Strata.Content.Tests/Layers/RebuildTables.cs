using System.Security.Cryptography;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Testing;

namespace Strata.Content.Tests.Layers;

/// <summary>The archives of data/tar, made again from their index and the contents of their files.</summary>
public sealed class RebuildTables
{
    /// <summary>Names a file twice, so that the first content is lost with what it was kept in.</summary>
    private const string KeptAsTheyAre = "hdr-only.tar";

    /// <summary>And what is said of them. Go's reader refuses them too, but for the two that are over this test's limit.</summary>
    private static readonly Dictionary<string, string> Refused = new()
    {
        ["gnu-sparse-big.tar"] = "files have more than 34359738368 bytes",
        ["issue10968.tar"] = "a header's checksum is wrong",
        ["issue11169.tar"] = "cut off inside a special header",
        ["issue12435.tar"] = "a special header's size is no number",
        ["neg-size.tar"] = "a header's size is no number",
        ["pax-bad-hdr-file.tar"] = "a PAX header is malformed",
        ["pax-bad-mtime-file.tar"] = "the PAX record mtime is no time",
        ["pax-nul-path.tar"] = "a PAX header is malformed",
        ["pax-nul-xattrs.tar"] = "a PAX header is malformed",
        ["pax-sparse-big.tar"] = "files have more than 34359738368 bytes",
        ["writer-big-long.tar"] = "cut off inside a member's content",
        ["writer-big.tar"] = "cut off inside a member's content",
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_archive_that_is_a_layer_is_made_again_to_the_byte_or_says_that_it_cannot_be()
    {
        var files = Directory.GetFiles(TestData.Path("tar", "testdata"), "*.tar").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(42, files.Count);
        var (rebuilt, kept, refused) = (0, new List<string>(), new List<string>());
        using var folder = new TemporaryFolder();
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            LayerIndex index;
            try
            {
                index = LayerIndexer.Index(new MemoryStream(bytes), new IndexLimits { TotalSize = 32L << 30 }, Stop);
            }
            catch (InvalidLayerException e)
            {
                refused.Add(Path.GetFileName(file));
                Assert.Contains(Refused.GetValueOrDefault(refused[^1], "nothing"), $"{refused[^1]}: {e.Message}", StringComparison.Ordinal);
                continue;
            }
            if (!index.Rebuildable)
            {
                kept.Add(Path.GetFileName(file));
                continue;
            }
            Assert.Equal(bytes, Rebuild(index, bytes, folder));
            rebuilt++;
        }
        Assert.Equal(KeptAsTheyAre, string.Join(' ', kept));
        Assert.Equal(string.Join(' ', Refused.Keys), string.Join(' ', refused));
        Assert.Equal(files.Count - 1 - Refused.Count, rebuilt);
    }

    // One archive has half a gigabyte of holes.
    private static byte[] Rebuild(LayerIndex index, byte[] tar, TemporaryFolder folder)
    {
        using (var reader = new TarReader(new MemoryStream(tar), TarLimits.Default, Stop))
        {
            while (reader.ReadNext() is not null)
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                using var content = File.Create(folder.File("content"));
                var piece = new byte[64 * 1024];
                while (reader.Read(piece) is > 0 and var length)
                {
                    hash.AppendData(piece, 0, length);
                    if (piece.AsSpan(0, length).ContainsAnyExcept((byte)0))
                    {
                        content.Write(piece, 0, length);
                    }
                    else
                    {
                        content.SetLength(content.Seek(length, SeekOrigin.Current));
                    }
                }
                File.Move(content.Name, folder.File(Convert.ToHexStringLower(hash.GetHashAndReset())), overwrite: true);
            }
        }
        using var again = new MemoryStream();
        TarRebuilder.Rebuild(index, entry => File.OpenRead(folder.File(entry.Content!.Value.Hex)), again, Stop);
        return again.ToArray();
    }
}

using System.Text;
using Strata.Content.Tar;

namespace Strata.Content.Tests.Tar;

/// <summary>Archives that contradict themselves, or want more memory than they may have.</summary>
public sealed class HostileTarTests
{
    private static readonly TarLimits Small = new() { HeaderSize = 4096 };

    [Theory]
    [InlineData(1024, 1024, "0,512 0,512", "does not fit its content")]
    [InlineData(1024, 2048, "512,512 0,512", "does not fit its content")]
    [InlineData(1024, 512, "0,512", "does not fit its content")]
    [InlineData(512, 256, "0,512", "does not fit its content")]
    [InlineData(512, 1024, "1024,512", "does not fit its content")]
    [InlineData(512, 1024, "0,512", null)]
    [InlineData(1024, 4096, "0,512 2048,512", null)]
    public void The_map_of_a_sparse_file_lies_inside_it_in_order_and_has_its_content(int size, int realSize, string parts, string? problem)
    {
        var block = RawTar.Sparse("f", size, realSize, parts);
        Check(problem, TarLimits.Default, [.. block, .. new byte[size + 1024]]);
    }

    [Fact]
    public void A_map_that_goes_on_and_on_is_refused()
    {
        var block = RawTar.Block("f", TarType.GnuSparse, 0, block =>
        {
            TarBlock.GnuMagic.CopyTo(block.AsSpan(TarBlock.Magic));
            block[TarBlock.GnuIsExtended] = 1;
        });
        var extension = new byte[512];
        extension[TarBlock.ExtensionIsExtended] = 1;
        byte[] tar = [.. block, .. Enumerable.Repeat(extension, 20).SelectMany(bytes => bytes), .. new byte[1536]];
        Check(null, TarLimits.Default, tar);
        Check("malformed, cut off or too large", Small, tar);
    }

    [Fact]
    public void A_map_before_the_content_has_a_limit()
    {
        var records = Encoding.ASCII.GetBytes("22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n31 GNU.sparse.realsize=1000000\n");
        var map = Encoding.ASCII.GetBytes("2000\n" + string.Concat(Enumerable.Range(0, 2000).Select(part => $"{part}\n0\n")));
        var content = new byte[map.Length + 512 - (map.Length % 512)];
        map.CopyTo(content, 0);
        byte[] tar = [.. RawTar.Special(TarType.PaxLocal, records), .. RawTar.Block("f", TarType.Regular, content.Length), .. content, .. new byte[1024]];
        Check(null, TarLimits.Default, tar);
        Check("map of a sparse file is malformed", Small, tar);
    }

    [Fact]
    public void The_special_headers_before_one_member_have_a_limit_together()
    {
        byte[] tar = [.. RawTar.Special(TarType.GnuLongName, new byte[3000]), .. RawTar.Special(TarType.GnuLongLink, new byte[3000]), .. RawTar.Block("f", TarType.Regular, 0), .. new byte[1024]];
        Check(null, TarLimits.Default, tar);
        Check("special headers before one member have more than 4096 bytes", Small, tar);
    }

    [Fact]
    public void The_global_headers_of_an_archive_have_a_limit_together()
    {
        var member = RawTar.Block("f", TarType.Regular, 0);
        byte[] Archive(Func<int, string> key) =>
            [.. Enumerable.Range(0, 100).SelectMany(i => (byte[])[.. RawTar.Special(TarType.PaxGlobal, Record(key(i), new string('v', 1000))), .. member]), .. new byte[1024]];
        Check("the global PAX headers have together more than 4096 bytes", Small, Archive(i => $"SCHILY.xattr.user.{i}"));
        // What comes again takes the place of what was, and what nobody reads is not kept.
        Check(null, Small, Archive(_ => "SCHILY.xattr.user.same"));
        Check(null, Small, Archive(i => $"comment.{i}"));
    }

    [Fact]
    public void Headers_behind_a_single_zero_block_are_not_passed_over()
    {
        var block = RawTar.Block("f", TarType.Regular, 0);
        Check("a single zero block", TarLimits.Default, [.. block, .. new byte[512], .. block, .. new byte[1024]]);
        Check(null, TarLimits.Default, [.. block, .. new byte[512]]);
    }

    [Fact]
    public void A_negative_size_is_refused()
    {
        var size = RawTar.Block("f", TarType.Regular, 0, block => block.AsSpan(TarBlock.Length).Fill(0xFF));
        Check("a size is negative", TarLimits.Default, [.. size, .. new byte[1024]]);
        byte[] record = [.. RawTar.Special(TarType.PaxLocal, "11 size=-1\n"u8.ToArray()), .. RawTar.Block("f", TarType.Regular, 0), .. new byte[1024]];
        Check("a size is negative", TarLimits.Default, record);
    }

    [Theory]
    [InlineData(TarType.PaxLocal)]
    [InlineData(TarType.GnuLongName)]
    public void A_special_header_that_belongs_to_nothing_is_passed_over_but_not_one_that_is_cut(byte type)
    {
        var special = RawTar.Special(type, "12 path=abc\n"u8.ToArray());
        Check(null, TarLimits.Default, special);
        Check("cut off inside a special header", TarLimits.Default, special[..600]);
    }

    private static byte[] Record(string key, string value)
    {
        using var record = new MemoryStream();
        PaxRecords.Format(key, Encoding.ASCII.GetBytes(value), record);
        return record.ToArray();
    }

    private static void Check(string? problem, TarLimits limits, byte[] tar)
    {
        using var reader = new TarReader(new MemoryStream(tar), limits, TestContext.Current.CancellationToken);
        void ReadAll()
        {
            while (reader.ReadNext() is not null)
            {
            }
        }
        if (problem is null)
        {
            ReadAll();
            return;
        }
        Assert.Contains(problem, Assert.Throws<InvalidTarException>(ReadAll).Message, StringComparison.Ordinal);
    }
}

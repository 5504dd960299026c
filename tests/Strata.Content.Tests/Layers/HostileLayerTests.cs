using System.Text;
using CsCheck;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Content.Tests.Tar;
using Strata.Oci;
using Strata.Testing;
using static Strata.Content.Tests.Layers.Sample;

namespace Strata.Content.Tests.Layers;

/// <summary>Layers that somebody made to do harm, and what becomes of them.</summary>
public sealed class HostileLayerTests
{
    [Fact]
    public void What_cannot_be_is_refused_with_the_entry_and_the_place()
    {
        Refused("lies below /a, which is no directory", Header("a"), Header("a/b"));
        Refused("lies below /a, which is no directory", Header("a"), Header("a/.wh.b"));
        Refused("more than 40 symbolic links", Header("a", TarType.SymbolicLink, "b"), Header("b", TarType.SymbolicLink, "a"), Header("a/x"));
        Refused("hard link to something", Header("a", TarType.HardLink, "../../etc/shadow"));
        Refused("hard link to something", Header("a", TarType.HardLink, "b"), Header("b"));
        Refused("hard link to something", Header("d", TarType.Directory), Header("a", TarType.HardLink, "d"));
        Refused("hard link to itself", Header("a"), Header("a", TarType.HardLink, "a"));
        Refused("hard link to itself", Header("a/b"), Header("a", TarType.HardLink, "a/b"));
        Refused("place of the root directory", Header("./"));
        Refused("place of the root directory", Header("..", TarType.SymbolicLink, "/etc"));
        Refused("no whiteout", Header(".wh."));
        Refused("no whiteout", Header("d/.wh."));
        Refused("no whiteout", Header("d/.wh.."));
        Refused("no whiteout", Header("d/.wh..."));
        Refused("no whiteout", Header(".wh.d/x"));
        Refused("take for a whiteout", Header("a", TarType.CharacterDevice));
        Refused("is none that a layer can hold", Header("a", (byte)'M'));
        Refused("more than 4095 bytes", Header(string.Join('/', Enumerable.Repeat(new string('a', 200), 21))));
        Refused("more than 255 bytes", Header(new string('a', 256)));
        Refused("symbolic link whose target", Header("a", TarType.SymbolicLink, ""));
        Refused("symbolic link whose target", Header("a", TarType.SymbolicLink, new string('a', 5000)));
        Refused("owner (4294967295)", Header("a") with { UserId = uint.MaxValue });
        Refused("device number", Header("a", TarType.BlockDevice) with { DeviceMajor = 1 << 20 });
        Refused("extended attributes is larger", Header("a") with { Xattrs = [new("user.a", new byte[70000])] });
    }

    [Fact]
    public void What_is_too_large_is_refused()
    {
        RefusedBy(new IndexLimits { Entries = 2 }, "one entry more than the 2", Header("a"), Header("b"), Header("c"));
        RefusedBy(new IndexLimits { TotalSize = 5000 }, "more than 5000 bytes", Header("a", size: 6000));
        RefusedBy(new IndexLimits { HeaderSize = 100 }, "more than 100 bytes", Header(new string('a', 200) + "/b"));
        RefusedBy(new IndexLimits { MetadataSize = 10_000 }, "more than 10000 bytes", Header("a") with { Xattrs = [new("user.a", new byte[20_000])] });
        RefusedBy(new IndexLimits { MetadataSize = 10_000 }, "more than 10000 bytes", [.. Enumerable.Range(0, 4).Select(i => Header($"{i}", TarType.SymbolicLink, new string('x', 4000)))]);
        RefusedBy(new IndexLimits { MetadataSize = 10_000 }, "more than 10000 bytes", Header(string.Join('/', Enumerable.Repeat("a", 500))));
    }

    [Fact]
    public void A_file_with_many_names_has_what_the_index_carries_of_it_once()
    {
        const int Links = 2000;
        var passwd = Header("etc/passwd", size: InlineFiles.LargestSize) with { Xattrs = [new("user.a", new byte[10_000])] };
        // Half of the names come before the file's own in the order of paths.
        var tar = Archive([passwd, .. Enumerable.Range(0, Links).Select(i => Header($"{(i % 2 == 0 ? 'a' : 'z')}{i}", TarType.HardLink, "etc/passwd"))]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var index = Index(tar);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
        AssertShared(index, Links, "etc/passwd", InlineFiles.LargestSize, 10_000);

        // What a RUN left in its upper directory.
        using var builder = new LayerBuilder(Stream.Null, null);
        builder.AddFile(
            File("etc/passwd", "") with { Size = InlineFiles.LargestSize, Xattrs = [new("user.a", new byte[10_000])] }, new MemoryStream(new byte[InlineFiles.LargestSize]));
        for (var i = 0; i < Links; i++)
        {
            builder.AddHardLink(HardLink($"{(i % 2 == 0 ? 'a' : 'z')}{i}", "etc/passwd"));
        }
        AssertShared(builder.Complete(), Links, "etc/passwd", InlineFiles.LargestSize, 10_000);
    }

    [Fact]
    public void A_file_that_comes_again_and_again_is_kept_once_and_counted_each_time()
    {
        var tar = Archive(Enumerable.Range(0, 100).Select(_ => Header("etc/passwd", size: InlineFiles.LargestSize)));
        Assert.InRange(SizeOf(Index(tar)), InlineFiles.LargestSize, InlineFiles.LargestSize + 1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<InvalidLayerException>(() => LayerIndexer.Index(new MemoryStream(tar), new IndexLimits { MetadataSize = 2 << 20 }, TestContext.Current.CancellationToken));
        Assert.Contains("more than 2097152 bytes", e.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void Attributes_that_the_last_of_many_links_brings_are_in_the_index_once_and_counted_with_each_name()
    {
        const int Links = 500;
        byte[] Tar(int size) => Archive(
            [
                Header("f"), .. Enumerable.Range(0, Links - 1).Select(i => Header($"a{i}", TarType.HardLink, "f")),
                Header("z", TarType.HardLink, "f") with { Xattrs = [new("user.a", new byte[size])] },
            ]);
        AssertShared(Index(Tar(50_000)), Links, "f", null, 50_000);
        var limits = new IndexLimits { MetadataSize = 16 << 20 };
        Assert.Equal(Links + 1, LayerIndexer.Index(new MemoryStream(Tar(5_000)), limits, TestContext.Current.CancellationToken).Count);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<InvalidLayerException>(() => LayerIndexer.Index(new MemoryStream(Tar(50_000)), limits, TestContext.Current.CancellationToken));
        Assert.Equal("z", e.Entry);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void Links_are_found_again_whichever_of_their_names_is_gone()
    {
        var index = Index(Archive(
            Header("m", size: 7), Header("z", TarType.HardLink, "m"), Header("b", TarType.HardLink, "m"), Header("a", TarType.HardLink, "b"), Header("m", TarType.Directory)));
        var again = Parsed(index);
        string[] expected = ["/a HardLink z", "/b HardLink z", "/m Directory ", "/z Regular "];
        Assert.Equal(expected, Enumerable.Range(0, again.Count).Select(i => $"{again[i].Path} {again[i].Kind} {Encoding.UTF8.GetString(again[i].LinkTarget.Span)}"));
        Assert.All([0, 1, 3], i => Assert.Equal((7, 512), (again[i].Size, again[i].TarOffset)));
    }

    [Fact]
    public void Holes_count_as_content_of_all_files_together()
    {
        byte[] tar = [.. RawTar.Sparse("a", 0, 60_000, ""), .. RawTar.Sparse("b", 0, 60_000, ""), .. new byte[1024]];
        Assert.Equal(2, Index(tar).Count);
        var e = Assert.Throws<InvalidLayerException>(() => LayerIndexer.Index(new MemoryStream(tar), new IndexLimits { TotalSize = 100_000 }, TestContext.Current.CancellationToken));
        Assert.Contains("files have more than 100000 bytes", e.Message, StringComparison.Ordinal);
        Assert.Equal("b", e.Entry);
    }

    [Fact]
    public void A_sparse_file_of_sixty_gigabytes_of_holes_is_refused_before_it_is_read()
    {
        foreach (var file in (string[])["gnu-sparse-big.tar", "pax-sparse-big.tar"])
        {
            using var tar = System.IO.File.OpenRead(TestData.Path("tar", "testdata", file));
            var e = Assert.Throws<InvalidLayerException>(() => LayerIndexer.Index(tar, new IndexLimits { TotalSize = 1 << 30 }, TestContext.Current.CancellationToken));
            Assert.Contains("the layer's files have more than", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_tar_that_is_cut_off_anywhere_inside_a_member_is_refused()
    {
        var (tar, _) = Layer(Directory("d"), File("d/a", new string('x', 3000)), File("d/" + new string('n', 120), "y"));
        var refused = 0;
        for (var length = 1; length < tar.Length - 1024; length += 7)
        {
            try
            {
                Index(tar[..length]);
            }
            catch (InvalidLayerException)
            {
                refused++;
                continue;
            }
            // At the edge of a member, or in the padding after one.
            Assert.InRange(length % 512, 0, 511);
        }
        Assert.True(refused > 500, $"only {refused} were refused");
    }

    [Fact]
    public void Damaged_tars_are_refused_or_read_but_nothing_else_happens()
    {
        var (tar, _) = Layer(
            Directory("d"), File("d/a", "content"), Link("l", "d"), HardLink("h", "d/a"), Whiteout("w"), Device("n", EntryKind.CharacterDevice, 1, 3),
            File("x", "y") with { Xattrs = [new("user.a", [1, 2, 3])] });
        Gen.Select(Gen.Int[0, tar.Length - 1], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            var damaged = (byte[])tar.Clone();
            foreach (var (at, value) in changes)
            {
                damaged[at] = value;
                Repair(damaged, at);
            }
            try
            {
                Index(damaged);
            }
            catch (InvalidLayerException)
            {
            }
        }, iter: 3000);
    }

    [Fact]
    public void Nothing_is_written_outside_of_the_target()
    {
        TarHeader[][] attacks =
        [
            [Header("../outside"), Header("/outside"), Header("a/../../outside")],
            [Header("link", TarType.SymbolicLink, "../../outside-dir"), Header("link/file")],
            [Header("link", TarType.SymbolicLink, "/"), Header("link/outside")],
            [Header("link", TarType.SymbolicLink, "OUT"), Header("link/file")],
            [Header("d", TarType.Directory) with { Mode = 0x1ED }, Header("d/l", TarType.SymbolicLink, "../.."), Header("d/l/outside"), Header("d/l/.wh.victim")],
            [Header("link", TarType.SymbolicLink, "OUT"), Header("link/.wh.victim"), Header("link", TarType.Directory) with { Mode = 0x1ED }],
            [Header("link", TarType.SymbolicLink, "OUT"), Header("link", TarType.Directory) with { Mode = 0x1ED }, Header("link/victim")],
            [Header("link", TarType.SymbolicLink, "OUT/victim"), Header("link", size: 4)],
            [Header(".wh.victim"), Header("../.wh.victim")],
        ];
        foreach (var attack in attacks)
        {
            using var folder = new TemporaryFolder();
            System.IO.Directory.CreateDirectory(folder.File("target"));
            System.IO.Directory.CreateDirectory(folder.File("outside-dir"));
            System.IO.File.WriteAllText(folder.File("victim"), "alive");
            var headers = attack.Select(h => h with
            {
                LinkName = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(h.LinkName).Replace("OUT", folder.Path, StringComparison.Ordinal)),
            });
            LayerExtractor.Extract(new MemoryStream(Archive(headers)), folder.File("target"), new ExtractOptions { Privileged = false }, TestContext.Current.CancellationToken);
            Assert.Equal(["outside-dir", "target", "victim"], System.IO.Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
            Assert.Empty(System.IO.Directory.GetFileSystemEntries(folder.File("outside-dir")));
            Assert.Equal("alive", System.IO.File.ReadAllText(folder.File("victim")));
        }
    }

    [Fact]
    public void A_file_has_no_set_id_bits_while_its_content_and_owner_are_not_there_yet()
    {
        using var folder = new TemporaryFolder();
        using var target = new LayerTarget(folder.Path, new ExtractOptions { Privileged = false });
        target.CreateFile(ImagePath.Parse("f"), 0x9ED).Dispose();
        Assert.Equal(UnixFileMode.None, System.IO.File.GetUnixFileMode(folder.File("f")) & (UnixFileMode.SetUser | UnixFileMode.SetGroup));
    }

    [Fact]
    public void Devices_are_left_out_where_they_are_not_wanted()
    {
        Privileges.NeedRoot();
        foreach (var wanted in new[] { true, false })
        {
            using var folder = new TemporaryFolder();
            var tar = Archive([Header("n", TarType.CharacterDevice) with { DeviceMajor = 1, DeviceMinor = 3 }, Header("b", TarType.BlockDevice) with { DeviceMajor = 7 }]);
            LayerExtractor.Extract(new MemoryStream(tar), folder.Path, new ExtractOptions { Privileged = true, Devices = wanted }, TestContext.Current.CancellationToken);
            Assert.Equal(wanted ? 2 : 0, System.IO.Directory.GetFileSystemEntries(folder.Path).Length);
        }
    }

    [Fact]
    public void Attributes_are_not_made_anew_to_remove_a_file_or_to_follow_a_link()
    {
        long Allocated(params IEnumerable<TarHeader> headers)
        {
            var tar = Archive(headers);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Index(tar);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        KeyValuePair<string, byte[]>[] large = [new("user.a", new byte[50_000])];
        var files = Enumerable.Range(0, 100).Select(i => Header($"d/{i}", size: 1) with { Xattrs = large }).ToArray();
        Assert.InRange(Allocated([.. files, Header("d")]), 0, Allocated([.. files, Header("e")]));
        var below = Enumerable.Range(0, 1000).SelectMany(i => (TarHeader[])[Header($"l/a/{i}"), Header($"l/b/{i}")]).ToArray();
        Assert.InRange(Allocated([Header("l", TarType.SymbolicLink, "t") with { Xattrs = large }, .. below]), 0, 8 << 20);
    }

    [Fact]
    public void An_index_that_would_be_too_large_is_refused_before_there_is_memory_for_it()
    {
        const string Problem = "entries is larger than its index can be, which is 2 GiB; make several layers of it.";
        Assert.Equal(
            $"A layer of 19,500,000 {Problem}", Assert.Throws<InvalidOperationException>(() => new LayerBuilder(Stream.Null, null, 19_500_000)).Message);
        Assert.Equal(
            $"A layer of 10 {Problem}", Assert.Throws<InvalidOperationException>(() => new LayerBuilder(Stream.Null, null, 10, int.MaxValue - 100)).Message);
        Assert.True(LayerBuilder.CanHold(10_000_000, 900_000_000));
        Assert.False(LayerBuilder.CanHold(10_000_000, 1_100_000_000));

        var records = new IndexRecords(largest: (3 * EntryRecord.Size) + 10);
        records.Add(StoredEntry.Of(File("a/file", "")));
        records.AddName(ImagePath.Parse("link"), EntryKind.HardLink, 0);
        Assert.Equal($"A layer of 3 {Problem}", Assert.Throws<InvalidOperationException>(() => records.Add(StoredEntry.Of(Directory("d")))).Message);
        Assert.Equal($"A layer of 3 {Problem}", Assert.Throws<InvalidOperationException>(() => records.AddName(ImagePath.Parse("e"), EntryKind.HardLink, 0)).Message);
        Assert.Equal(2, records.Count);

        using var builder = new LayerBuilder(Stream.Null, null);
        var path = string.Join('/', Enumerable.Repeat(new string('d', 200), 400));
        Assert.Contains("a path of 80399 bytes cannot be in a layer", Assert.Throws<ArgumentException>(() => builder.AddDirectory(Directory(path))).Message, StringComparison.OrdinalIgnoreCase);
    }

    private static void AssertShared(LayerIndex index, int links, string first, int? inline, int xattr)
    {
        // A record and a short path for each name.
        Assert.InRange(SizeOf(index), 0, (inline ?? 0) + xattr + (200 * (links + 1)) + 1000);
        index = Parsed(index);
        Assert.Equal(links + 1, Enumerable.Range(0, index.Count).Count(i => index[i].IsFile));
        for (var i = 0; i < index.Count; i++)
        {
            var entry = index[i];
            Assert.Equal(entry.Path == ImagePath.Parse(first) ? "" : first, Encoding.UTF8.GetString(entry.LinkTarget.Span));
            Assert.Equal(entry.LinkTarget.IsEmpty ? EntryKind.Regular : EntryKind.HardLink, entry.Kind);
            Assert.Equal(inline, entry.Inline?.Length);
            Assert.Equal(xattr, Assert.Single(entry.Xattrs).Value.Length);
        }
    }

    private static LayerIndex Parsed(LayerIndex index)
    {
        var file = new MemoryStream();
        index.Write(file);
        return LayerIndex.Parse(file.ToArray());
    }

    // Without the recipe, which is compressed.
    private static long SizeOf(LayerIndex index)
    {
        var file = new MemoryStream();
        index.Write(file);
        return file.Length - index.Recipe().Length;
    }

    private static void Refused(string because, params TarHeader[] headers) => RefusedBy(IndexLimits.Default, because, headers);

    private static void RefusedBy(IndexLimits limits, string because, params TarHeader[] headers)
    {
        var e = Assert.Throws<InvalidLayerException>(() => LayerIndexer.Index(new MemoryStream(Archive(headers)), limits, TestContext.Current.CancellationToken));
        Assert.Contains(because, e.Message, StringComparison.Ordinal);
    }

    // Else nearly every change would stop at the checksum.
    private static void Repair(byte[] tar, int at)
    {
        var block = tar.AsSpan(at / 512 * 512, 512);
        if (block[257..].StartsWith("ustar"u8))
        {
            TarNumber.FormatOctal(TarBlock.Sums(block).Unsigned, block[148..155]);
        }
    }
}

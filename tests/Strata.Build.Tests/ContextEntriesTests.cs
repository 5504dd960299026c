using System.Text;
using CsCheck;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build.Tests;

/// <summary>The packed list of a context's files.</summary>
public sealed class ContextEntriesTests
{
    [Fact]
    public void More_than_the_list_can_hold_is_refused_in_words()
    {
        var entries = new ContextEntries(mostChunks: 2);
        var refusal = Assert.Throws<CopyException>(() =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                entries.Add(File($"{i:d6}"));
            }
        });
        Assert.Equal(
            "8,457 files are more than one COPY can take, as the index of its layer would be larger than 2 GiB; split it into several, or exclude some in .dockerignore",
            refusal.Message);
        Assert.Equal(8456, entries.Count);
        Assert.Equal("/008455", entries[8455].Path.ToString());
    }

    [Fact]
    public void More_files_than_a_layer_can_have_are_refused_before_they_are_read()
    {
        CopyLimit.Check(10_000_000, 1_000_000_000);
        Assert.StartsWith("20,000,000 files are more", Assert.Throws<CopyException>(() => CopyLimit.Check(20_000_000, 0)).Message, StringComparison.Ordinal);
        Assert.StartsWith("10,000,000 files are more", Assert.Throws<CopyException>(() => CopyLimit.Check(10_000_000, 1_100_000_000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_or_link_that_no_record_holds_is_refused_in_words()
    {
        var entries = new ContextEntries();
        Assert.Contains(
            "exclude it in .dockerignore", Assert.Throws<CopyException>(() => entries.Add(File(new string('a', 65_536)))).Message, StringComparison.Ordinal);
        Assert.Throws<CopyException>(() => entries.Add(File("a") with { Kind = EntryKind.SymbolicLink, LinkTarget = new byte[65_536] }));
        entries.Add(File(new string('a', 65_535)));
        Assert.Equal(65_536, entries[0].Path.ToString().Length);
    }

    [Fact]
    public void Every_entry_comes_back_as_it_was_and_every_folder_has_what_is_below_it() => Gen.Select(Name.Array[1, 4], Gen.Int[0, 6], Gen.UInt, Gen.Int[0, 4])
        .Array[0, 150].Sample(
            made =>
            {
                var model = new SortedDictionary<ImagePath, SourceEntry>(Files.InOrder);
                foreach (var (names, kind, number, length) in made)
                {
                    // Long ones fill chunks.
                    var entry = Entry(string.Join('/', names) + new string('x', length * 1000), (EntryKind)kind, number);
                    model[entry.Path] = entry;
                }
                var packed = new ContextEntries();
                foreach (var entry in model.Values)
                {
                    packed.Add(entry);
                }
                Assert.Equal(model.Values, packed);
                Assert.Same(packed, packed.Below(ImagePath.Root));
                foreach (var path in model.Keys.SelectMany(path => (ImagePath[])[path, path.Parent, path.Append("none"u8)]))
                {
                    var below = model.Values.Where(entry => entry.Path != path && entry.Path.IsWithin(path)).ToArray();
                    var found = packed.Below(path);
                    Assert.Equal(below, found);
                    // Of a part that is not at the beginning.
                    Assert.Equal(below.Where(entry => entry.Path != path.Append("a"u8) && entry.Path.IsWithin(path.Append("a"u8))), found.Below(path.Append("a"u8)));
                }
            },
            iter: 40);

    [Fact]
    public void What_is_below_a_folder_is_found_without_making_its_paths_anew()
    {
        var entries = new ContextEntries();
        for (var i = 0; i < 20_000; i++)
        {
            entries.Add(File($"d/{i:d5}"));
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(20_000, entries.Below(ImagePath.Parse("d")).Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    private static readonly string[] Names = ["a", "b", "a-", "é"];

    private static readonly Gen<string> Name = Gen.Int[0, 3].Select(number => Names[number]);

    private static SourceEntry Entry(string path, EntryKind kind, uint number)
    {
        kind = kind == EntryKind.HardLink ? EntryKind.Regular : kind;
        var isDevice = kind is EntryKind.CharacterDevice or EntryKind.BlockDevice;
        var modified = new FileTime(number - 2_000_000_000L, number % 1_000_000_000);
        var identity = new FileIdentity(number * 3UL, ulong.MaxValue - number, number * 5L, modified, new FileTime(number, 7));
        return new SourceEntry
        {
            Path = ImagePath.Parse(path),
            Kind = kind,
            Mode = number & 0xFFF,
            Size = kind == EntryKind.Regular ? identity.Size : 0,
            Modified = new FileTime(modified.Seconds, 0),
            DeviceMajor = isDevice ? number : 0,
            DeviceMinor = isDevice ? number / 2 : 0,
            Link = kind == EntryKind.Regular && number % 2 == 0 ? new LinkIdentity(identity.Device, identity.Inode, ImagePath.Root) : null,
            Identity = identity,
        };
    }

    private static SourceEntry File(string path) => new()
    {
        Path = ImagePath.FromClean(Encoding.UTF8.GetBytes(path)),
        Kind = EntryKind.Regular,
        Mode = 0x1A4,
        Modified = new FileTime(1_600_000_000, 0),
    };
}

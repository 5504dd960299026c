using System.Text;
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

    private static SourceEntry File(string path) => new()
    {
        Path = ImagePath.FromClean(Encoding.UTF8.GetBytes(path)),
        Kind = EntryKind.Regular,
        Mode = 0x1A4,
        Modified = new FileTime(1_600_000_000, 0),
    };
}

using System.Text;

namespace Strata.Linux.Tests;

public sealed class TreeWalkTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Entries_come_in_byte_order_of_their_names_parents_first()
    {
        foreach (var name in (string[])["b", "a.b", "a/z", "a/y/deep", "Z"])
        {
            _host.Write(name, name);
        }

        Assert.Equal(["Z", "a", "a/y", "a/y/deep", "a/z", "a.b", "b"], Walk((in TreeEntry _) => true));
    }

    [Fact]
    public void A_directory_that_the_visitor_declines_is_not_entered()
    {
        _host.Write("a/inside", "");
        _host.Write("b/inside", "");
        Assert.Equal(["a", "b", "b/inside"], Walk((in TreeEntry entry) => !entry.Path.SequenceEqual("a"u8)));
    }

    [Fact]
    public void What_vanishes_meanwhile_is_left_out()
    {
        foreach (var name in (string[])["a", "b", "c/inside", "d"])
        {
            _host.Write(name, "");
        }

        var seen = Walk((in TreeEntry entry) =>
        {
            if (entry.Path.SequenceEqual("a"u8))
            {
                File.Delete(_host["b"]);
            }

            if (entry.Path.SequenceEqual("c"u8))
            {
                Directory.Delete(_host["c"], recursive: true);
            }

            return true;
        });
        Assert.Equal(["a", "c", "d"], seen);
    }

    [Fact]
    public void An_entry_gives_its_content_link_and_status_without_its_path()
    {
        _host.Write("deep/file", "content");
        File.CreateSymbolicLink(_host["deep/link"], "/etc");
        var (content, link, size) = ("", "", 0L);
        Walk((in TreeEntry entry) =>
        {
            if (entry.Name.SequenceEqual("file"u8))
            {
                using var file = entry.OpenRead();
                content = TemporaryDirectory.ReadAll(file);
                size = entry.Status.Size;
            }
            else if (entry.Status.Kind == FileKind.SymbolicLink)
            {
                link = Encoding.UTF8.GetString(entry.ReadLink());
            }
            return true;
        });
        Assert.Equal(("content", "/etc", 7L), (content, link, size));
    }

    [Fact]
    public void Links_to_directories_are_not_entered()
    {
        _host.Write("real/file", "");
        File.CreateSymbolicLink(_host["alias"], "real");
        Assert.Equal(["alias", "real", "real/file"], Walk((in TreeEntry _) => true));
    }

    [Fact]
    public void Directories_larger_than_one_reading_are_complete()
    {
        for (var i = 0; i < 3000; i++)
        {
            File.WriteAllBytes(_host[$"file-with-a-rather-long-name-{i:d5}"], []);
        }

        var seen = Walk((in TreeEntry _) => true);
        Assert.Equal(3000, seen.Count);
        Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public void A_walk_can_be_cancelled()
    {
        _host.Write("a", "");
        _host.Write("b", "");
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => TreeWalk.Run(
            _host.Path,
            (in TreeEntry _) =>
            {
                cancel.Cancel();
                return true;
            },
            cancel.Token));
    }

    [Fact]
    public void A_root_that_is_not_there_is_an_error_that_names_it()
    {
        var failure = Assert.Throws<LinuxException>(
            () => TreeWalk.Run(_host["missing"], (in TreeEntry _) => true, TestContext.Current.CancellationToken));
        Assert.Equal($"open {_host["missing"]}: No such file or directory (ENOENT)", failure.Message);
    }

    private List<string> Walk(TreeWalk.Visitor visit)
    {
        var seen = new List<string>();
        TreeWalk.Run(
            _host.Path,
            (in TreeEntry entry) =>
            {
                seen.Add(Encoding.UTF8.GetString(entry.Path));
                return visit(entry);
            },
            TestContext.Current.CancellationToken);
        return seen;
    }
}

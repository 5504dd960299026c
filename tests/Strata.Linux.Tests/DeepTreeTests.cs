using System.Text;

namespace Strata.Linux.Tests;

/// <summary>A tree deeper than PATH_MAX reaches and than there are descriptors for.</summary>
public sealed class DeepTreeTests
{
    private const int Chain = 1500;

    [Fact]
    public void A_tree_of_any_depth_is_removed_and_a_walk_says_where_it_stops()
    {
        using var host = new TemporaryDirectory();
        using (var root = RootedDirectory.Open(host.Path))
        {
            using var cursor = root.OpenCursor();
            foreach (var start in "abc")
            {
                for (var depth = 1; depth <= Chain; depth++)
                {
                    cursor.MakeDirectory(Path(start, depth), 0x1ED);
                }
            }
            // b goes below a, then a below c: 4500 levels.
            root.Rename("b"u8, [.. Path('a', Chain), .. "/b"u8]);
            root.Rename("a"u8, [.. Path('c', Chain), .. "/a"u8]);
        }
        var visited = 0;
        var failure = Assert.Throws<LinuxException>(() => TreeWalk.Run(
            host.Path,
            (in TreeEntry _) =>
            {
                visited++;
                return true;
            },
            TestContext.Current.CancellationToken));
        Assert.Contains("more than 4096 levels deep", failure.Message, StringComparison.Ordinal);
        Assert.Equal(TreeWalk.DeepestLevel, visited);

        HostFile.RemoveTree(host["c"]);
        Assert.Empty(Directory.GetFileSystemEntries(host.Path));
    }

    private static byte[] Path(char start, int depth) =>
        Encoding.ASCII.GetBytes(start + string.Concat(Enumerable.Repeat("/d", depth - 1)));
}

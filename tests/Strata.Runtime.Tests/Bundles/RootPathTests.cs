using System.Text;
using Strata.Linux;
using Strata.Runtime.Bundles;
using Strata.Testing;

namespace Strata.Runtime.Tests.Bundles;

public sealed class RootPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RootedDirectory _root;

    public RootPathTests()
    {
        Directory.CreateDirectory(_folder.File("a", "b"));
        File.WriteAllText(_folder.File("a", "file"), "");
        File.CreateSymbolicLink(_folder.File("up"), "../../../../a/b");
        File.CreateSymbolicLink(_folder.File("a", "absolute"), "/a/b/");
        File.CreateSymbolicLink(_folder.File("dangling"), "missing/x");
        File.CreateSymbolicLink(_folder.File("circle"), "circle");
        File.CreateSymbolicLink(_folder.File("leak"), "/proc/self/fd/7");
        _root = RootedDirectory.Open(_folder.Path);
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("/", "", true)]
    [InlineData("/a/./b//", "a/b", true)]
    [InlineData("/../../a", "a", true)]
    [InlineData("/up", "a/b", true)]
    [InlineData("/up/../file", "a/file", true)]
    [InlineData("/a/absolute", "a/b", true)]
    [InlineData("/dangling", "missing/x", false)]
    [InlineData("/dangling/y/../z", "missing/x/z", false)]
    [InlineData("/leak", "proc/self/fd/7", false)]
    [InlineData("/no/../a/b", "a/b", true)]
    public void A_path_leads_where_chroot_would_lead_it(string path, string expected, bool exists)
    {
        var place = RootPath.Resolve(_root, path);
        Assert.Equal(expected, Encoding.UTF8.GetString(place.Path.Bytes));
        Assert.Equal(exists, place.Status is not null);
        Assert.True(place.Path.IsWithin(place.Existing));
    }

    [Theory]
    [InlineData("/circle")]
    [InlineData("/a/file/x")]
    public void What_leads_nowhere_is_refused(string path) => Assert.Throws<OciRuntimeException>(() => RootPath.Resolve(_root, path));
}

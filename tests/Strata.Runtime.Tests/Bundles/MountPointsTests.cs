using Strata.Linux;
using Strata.Runtime.Bundles;
using Strata.Testing;

namespace Strata.Runtime.Tests.Bundles;

public sealed class MountPointsTests : IDisposable
{
    private static readonly DateTime Old = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private readonly TemporaryFolder _folder = new();
    private readonly RootedDirectory _root;
    private readonly MountPoints _points;

    public MountPointsTests()
    {
        Directory.CreateDirectory(_folder.File("root", "etc"));
        Directory.SetLastWriteTimeUtc(_folder.File("root", "etc"), Old);
        Directory.SetLastWriteTimeUtc(_folder.File("root"), Old);
        _root = RootedDirectory.Open(_folder.File("root"));
        _points = new MountPoints(_root);
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Missing_ones_are_made_and_removed_and_the_times_around_them_stay()
    {
        _points.Prepare("/etc/hosts", isDirectory: false);
        _points.Prepare("/run/secrets/key", isDirectory: false);
        _points.Prepare("/proc", isDirectory: true);
        Assert.True(File.Exists(_folder.File("root", "run", "secrets", "key")));
        Assert.Equal(Old, Directory.GetLastWriteTimeUtc(_folder.File("root", "etc")));
        _points.RemoveFrom(_root);
        Assert.Equal([_folder.File("root", "etc")], Directory.GetFileSystemEntries(_folder.File("root")));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("root", "etc")));
        Assert.Equal(Old, Directory.GetLastWriteTimeUtc(_folder.File("root", "etc")));
        Assert.Equal(Old, Directory.GetLastWriteTimeUtc(_folder.File("root")));
    }

    [Fact]
    public void A_directory_somebody_used_stays_with_what_is_in_it()
    {
        _points.Prepare("/run/secrets/key", isDirectory: false);
        File.WriteAllText(_folder.File("root", "run", "mine"), "x");
        _points.RemoveFrom(_root);
        Assert.Equal([_folder.File("root", "run", "mine")], Directory.GetFileSystemEntries(_folder.File("root", "run")));
    }

    [Fact]
    public void A_link_in_the_place_of_a_parent_is_not_followed_when_removing()
    {
        Directory.CreateDirectory(_folder.File("root", "elsewhere", "y"));
        _points.Prepare("/x/y", isDirectory: true);
        Directory.Delete(_folder.File("root", "x"), recursive: true);
        File.CreateSymbolicLink(_folder.File("root", "x"), "elsewhere");
        _points.RemoveFrom(_root);
        Assert.True(Directory.Exists(_folder.File("root", "elsewhere", "y")));
        Assert.Equal("elsewhere", new FileInfo(_folder.File("root", "x")).LinkTarget);
    }

    [Fact]
    public void A_directory_over_a_file_and_a_mount_over_the_root_are_refused()
    {
        File.WriteAllText(_folder.File("root", "file"), "");
        Assert.Throws<OciRuntimeException>(() => _points.Prepare("/file", isDirectory: true));
        Assert.Throws<OciRuntimeException>(() => _points.Prepare("/etc", isDirectory: false));
        Assert.Throws<OciRuntimeException>(() => _points.Prepare("/etc/..", isDirectory: true));
    }

    [Fact]
    public void Inside_another_mount_nothing_is_made_in_the_root()
    {
        _points.Prepare("/data", isDirectory: true);
        _points.Prepare("/data/sub/file", isDirectory: false);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("root", "data")));
    }
}

using System.Text;
using CsCheck;

namespace Strata.Linux.Tests;

public sealed class ExtendedAttributeTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();
    private readonly RootedDirectory _root;

    public ExtendedAttributeTests()
    {
        _root = RootedDirectory.Open(_host.Path);
        _host.Write("a/file", "");
    }

    public void Dispose()
    {
        _root.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Values_are_bytes_and_names_come_sorted()
    {
        RequireUserAttributes();
        _root.SetXattr("a/file"u8, "user.z", [0, 0xff, 0, 0x80]);
        _root.SetXattr("a/file"u8, "user.a", []);
        _root.SetXattr("a"u8, "user.directory", "d"u8);
        var attributes = _root.Xattrs("a/file"u8);
        Assert.Equal(["user.a", "user.z"], attributes.Select(x => x.Key));
        Assert.Equal([0, 0xff, 0, 0x80], attributes[1].Value);
        Assert.Empty(attributes[0].Value);
        _root.RemoveXattr("a/file"u8, "user.z");
        _root.RemoveXattr("a/file"u8, "user.z");
        Assert.Single(_root.Xattrs("a/file"u8));
        Assert.Equal("user.directory", Assert.Single(_root.Xattrs("a"u8)).Key);
    }

    [Fact]
    public void Any_bytes_come_back_as_they_were_set()
    {
        RequireUserAttributes();
        Gen.Byte.Array[0, 1500].Sample(
            value =>
            {
                _root.SetXattr("a/file"u8, "user.any", value);
                Assert.Equal(value, Assert.Single(_root.Xattrs("a/file"u8)).Value);
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public void Links_devices_and_fifos_have_attributes_of_their_own()
    {
        Privileged.Require();
        _root.MakeSymbolicLink("a/file"u8, "link"u8);
        _root.MakeNode("fifo"u8, FileKind.Fifo, 0x180, 0, 0);
        _root.MakeNode("device"u8, FileKind.CharacterDevice, 0x180, 0, 0);
        foreach (var name in (string[])["link", "fifo", "device"])
        {
            var path = Encoding.ASCII.GetBytes(name);
            _root.SetXattr(path, "trusted.strata", [1, 0, 2]);
            Assert.Equal([1, 0, 2], Assert.Single(_root.Xattrs(path)).Value);
        }
        Assert.Empty(_root.Xattrs("a/file"u8));
    }

    [Fact]
    public void File_capabilities_survive()
    {
        Privileged.Require();
        Assert.SkipUnless(Credentials.Has(Capability.SetFileCapabilities), "needs root with CAP_SETFCAP");
        byte[] capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        _root.SetXattr("a/file"u8, "security.capability", capability);
        byte[]? walked = null;
        TreeWalk.Run(
            _host.Path,
            (in TreeEntry entry) =>
            {
                if (entry.Status.Kind == FileKind.Regular)
                {
                    walked = Assert.Single(entry.Xattrs()).Value;
                }

                return true;
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(capability, walked);
    }

    [Fact]
    public void A_list_longer_than_the_first_guess_is_complete() => Privileged.InPrivateMounts(() =>
    {
        Directory.CreateDirectory(_host["t"]);
        Mounts.Tmpfs(_host["t"], "size=16m");
        _host.Write("t/file", "");
        using var inside = RootedDirectory.Open(_host["t"]);
        for (var i = 0; i < 60; i++)
        {
            inside.SetXattr("file"u8, $"trusted.attribute-number-{i:d2}", [(byte)i]);
        }

        Assert.Equal(60, inside.Xattrs("file"u8).Count);
        inside.SetXattr("file"u8, "trusted.large", new byte[64 * 1024]);
        Assert.Equal(64 * 1024, inside.Xattrs("file"u8).Single(x => x.Key == "trusted.large").Value.Length);
    });

    private void RequireUserAttributes()
    {
        try
        {
            _root.SetXattr("a/file"u8, "user.probe", [1]);
            _root.RemoveXattr("a/file"u8, "user.probe");
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EOPNOTSUPP)
        {
            Assert.Skip("this file system has no user attributes");
        }
    }
}

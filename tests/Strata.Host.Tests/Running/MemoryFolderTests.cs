using Strata.Host.Running;

namespace Strata.Host.Tests.Running;

public sealed class MemoryFolderTests
{
    [Theory]
    [InlineData("/run", null, 0x3FF)]
    [InlineData("/run:size=64m", 64L << 20, 0x3FF)]
    [InlineData("/run:rw,nodev,size=1024,mode=700", 1024L, 0x1C0)]
    [InlineData("/run:mode=1777,size=2G", 2L << 30, 0x3FF)]
    public void Its_size_and_mode_can_be_said(string text, long? size, uint mode)
    {
        var mount = MemoryFolder.Parse(text);
        Assert.Equal(("/run", size, mode), (mount.Target, mount.Size, mount.Mode));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("")]
    [InlineData("/run:size=much")]
    [InlineData("/run:size=-1")]
    [InlineData("/run:size=99999999999g")]
    [InlineData("/run:mode=9")]
    [InlineData("/run:mode=77777")]
    [InlineData("/run:noexec")]
    public void What_can_not_be_done_is_refused_and_not_ignored(string text) =>
        Assert.StartsWith("--tmpfs takes", Assert.Throws<StrataException>(() => MemoryFolder.Parse(text)).Hint, StringComparison.Ordinal);
}

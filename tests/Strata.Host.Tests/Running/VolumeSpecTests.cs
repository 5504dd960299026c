using Strata.Host.Running;
using Strata.Runtime;

namespace Strata.Host.Tests.Running;

public sealed class VolumeSpecTests : HostTest
{
    [Theory]
    [InlineData("", false)]
    [InlineData(":rw", false)]
    [InlineData(":ro", true)]
    public void A_folder_is_shown_writable_unless_said_otherwise(string mode, bool readOnly)
    {
        Directory.CreateDirectory(Place("data"));
        var mount = Assert.IsType<BindMount>(VolumeSpec.Parse($"{Place("data")}:/data{mode}", Machine));
        Assert.Equal((Place("data"), "/data", readOnly), (mount.Source, mount.Target, mount.ReadOnly));
    }

    [Fact]
    public void A_path_with_a_dot_is_meant_from_here()
    {
        Write("settings.json", "{}");
        Assert.Equal(Place("settings.json"), Assert.IsType<BindMount>(VolumeSpec.Parse("./settings.json:/s", Machine)).Source);
        Assert.Equal(Place("."), Assert.IsType<BindMount>(VolumeSpec.Parse(".:/s", Machine)).Source + "/.");
    }

    [Fact]
    public void A_path_that_does_not_exist_is_not_made()
    {
        var error = Assert.Throws<StrataException>(() => VolumeSpec.Parse($"{Place("dta")}:/data", Machine));
        Assert.Equal($"there is no {Place("dta")} to show at /data", error.Message);
        Assert.False(Directory.Exists(Place("dta")));
    }

    [Fact]
    public void A_named_volume_is_told_to_be_missing_from_this_version()
    {
        var error = Assert.Throws<StrataException>(() => VolumeSpec.Parse("cache:/var/cache", Machine));
        Assert.Equal("'cache:/var/cache' asks for a named volume, which this version does not have", error.Message);
        Assert.Equal("give a folder of this machine: -v $PWD/cache:/var/cache", error.Hint);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":/data")]
    [InlineData("/tmp:data")]
    [InlineData("/tmp:/data:rx")]
    [InlineData("/tmp:/data:ro:more")]
    public void What_is_no_volume_is_refused(string text) =>
        Assert.Equal($"'{text}' is no volume", Assert.Throws<StrataException>(() => VolumeSpec.Parse(text, Machine)).Message);

    [Fact]
    public void A_volume_without_a_name_is_told_to_be_missing_too()
    {
        var error = Assert.Throws<StrataException>(() => VolumeSpec.Parse("/data", Machine));
        Assert.Equal("'/data' asks for a volume without a name, which this version does not have", error.Message);
        Assert.Contains("-v HOST-PATH:/data", error.Hint, StringComparison.Ordinal);
    }
}

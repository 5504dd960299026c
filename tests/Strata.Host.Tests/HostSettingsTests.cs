namespace Strata.Host.Tests;

public sealed class HostSettingsTests : HostTest
{
    private HostEnvironment Root => Machine with { IsRoot = true };

    [Fact]
    public void The_option_wins_over_the_variable()
    {
        Set("STRATA_ROOT", "/from/variable");
        Assert.Equal("/from/option", HostSettings.Read(Root, "/from/option").Root);
    }

    [Fact]
    public void The_variable_wins_over_the_usual_place()
    {
        Set("STRATA_ROOT", "/from/variable");
        Assert.Equal("/from/variable", HostSettings.Read(Root, null).Root);
        Assert.Equal("/from/variable", HostSettings.Read(Machine, null).Root);
    }

    [Fact]
    public void Roots_store_is_the_machines_and_a_users_is_in_their_home()
    {
        Set("HOME", "/home/ann");
        Assert.Equal("/var/lib/strata", HostSettings.Read(Root, null).Root);
        Assert.Equal("/home/ann/.local/share/strata", HostSettings.Read(Machine, null).Root);
    }

    [Fact]
    public void A_user_may_keep_data_elsewhere()
    {
        Set("HOME", "/home/ann");
        Set("XDG_DATA_HOME", "/data/ann");
        Assert.Equal("/data/ann/strata", HostSettings.Read(Machine, null).Root);
    }

    [Theory]
    [InlineData("")]
    [InlineData("relative/data")]
    public void A_data_home_that_is_no_absolute_path_is_passed_over(string value)
    {
        Set("HOME", "/home/ann");
        Set("XDG_DATA_HOME", value);
        Assert.Equal("/home/ann/.local/share/strata", HostSettings.Read(Machine, null).Root);
    }

    [Fact]
    public void An_empty_variable_is_none()
    {
        Set("STRATA_ROOT", "");
        Set("STRATA_RUNTIME", "");
        var settings = HostSettings.Read(Root, null);
        Assert.Equal("/var/lib/strata", settings.Root);
        Assert.Null(settings.Runtime);
    }

    [Fact]
    public void An_empty_option_is_a_mistake_and_not_the_usual_place()
    {
        var error = Assert.Throws<StrataException>(() => HostSettings.Read(Root, ""));
        Assert.Equal("--root names no folder", error.Message);
    }

    [Fact]
    public void A_relative_path_is_meant_from_here() =>
        Assert.Equal(Place("here", "store"), HostSettings.Read(Machine, "here/store").Root);

    [Fact]
    public void Without_a_home_one_is_told_to_say_where()
    {
        var error = Assert.Throws<StrataException>(() => HostSettings.Read(Machine, null));
        Assert.Equal("neither HOME nor XDG_DATA_HOME is set, so there is no place for the store", error.Message);
        Assert.Equal("give one with --root", error.Hint);
    }

    [Fact]
    public void The_runtime_can_be_named()
    {
        Set("STRATA_RUNTIME", "crun");
        Assert.Equal("crun", HostSettings.Read(Root, null).Runtime);
    }
}

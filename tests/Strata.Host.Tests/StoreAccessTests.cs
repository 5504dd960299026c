namespace Strata.Host.Tests;

public sealed class StoreAccessTests : HostTest
{
    private StrataHost At(string store, bool given) => new(new HostSettings { Root = Place(store), RootIsGiven = given, OnlyLooks = true }, Machine);

    [Fact]
    public void The_usual_place_is_an_empty_store_until_something_is_put_there()
    {
        using var host = At("usual", given: false);
        Assert.Empty(host.Store.Images.List());
        Assert.Empty(host.Containers.List());
        Assert.False(Directory.Exists(Place("usual")));
    }

    [Fact]
    public async Task A_folder_that_was_named_and_is_not_there_is_a_mistake_and_the_one_that_was_meant_is_told()
    {
        await ImportAsync("a");
        using var host = At("stroe", given: true);
        var refusal = Assert.Throws<StrataException>(() => host.Store);
        Assert.Equal($"there is no store at {Place("stroe")}", refusal.Message);
        Assert.Equal($"did you mean {Place("store")}?", refusal.Hint);
        Assert.False(Directory.Exists(Place("stroe")));
        using var far = At("elsewhere", given: true);
        Assert.Contains("build, pull and import", Assert.Throws<StrataException>(() => far.Store).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_from_option_or_variable_is_given_and_the_usual_one_is_not()
    {
        Set("HOME", "/home/ann");
        Assert.False(HostSettings.Read(Machine, null).RootIsGiven);
        Assert.True(HostSettings.Read(Machine, "/a").RootIsGiven);
        Set("STRATA_ROOT", "/b");
        Assert.True(HostSettings.Read(Machine, null).RootIsGiven);
    }
}

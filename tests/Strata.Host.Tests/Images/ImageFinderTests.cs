using Strata.Host.Images;
using Strata.Oci;

namespace Strata.Host.Tests.Images;

public sealed class ImageFinderTests : HostTest
{
    [Fact]
    public async Task A_name_for_an_image_that_is_gone_is_an_error()
    {
        await ImportAsync("app", "app:v1");
        var error = await Refusal(() =>
        {
            Host.Store.Names.Give(Name("app:v1"), Digest.Of("gone"u8), null);
            return Task.CompletedTask;
        });
        Assert.StartsWith("app:v1 stays what it was", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_is_found_by_its_name_its_id_and_the_beginning_of_that()
    {
        var id = await ImportAsync("a", "team/app:v1");
        Assert.Equal("team/app:v1", Host.Images.Get("team/app:v1").Found.Name?.Familiar);
        Assert.Equal(id, Host.Images.Get("docker.io/team/app:v1").Image.Id);
        Assert.Equal(id, Host.Images.Get(id.ToString()).Image.Id);
        Assert.Equal(id, Host.Images.Get(id.Short).Image.Id);
        Assert.Null(Host.Images.Find("team/app:v2"));
    }

    [Theory]
    [InlineData("alpne", "did you mean alpine:latest?")]
    [InlineData("alpine:lates", "did you mean alpine:latest?")]
    [InlineData("alpine:3.20", "did you mean alpine:latest?")]
    [InlineData("reg.example:5000/team/app:v2", "did you mean reg.example:5000/team/app:v1?")]
    [InlineData("reg.example:5000/other/thing:v2", "`strata images` lists what is there; `strata pull reg.example:5000/other/thing:v2` fetches it from its registry")]
    [InlineData("Not A Name", "`strata images` lists what is there; `strata pull Not A Name` fetches it from its registry")]
    public async Task A_name_that_is_not_there_leads_to_the_one_that_was_meant(string text, string hint)
    {
        await ImportAsync("a", "alpine");
        await ImportAsync("b", "reg.example:5000/team/app:v1");
        var error = Assert.Throws<StrataException>(() => Host.Images.Get(text));
        Assert.Equal($"there is no image '{text}' in the store", error.Message);
        Assert.Equal(hint, error.Hint);
    }

    [Fact]
    public async Task The_beginning_of_several_ids_is_not_enough()
    {
        // Seventeen images have at least two ids with the same first digit.
        for (var i = 0; i < 17; i++)
        {
            await ImportAsync($"f{i}");
        }
        var shared = Host.Store.Images.List().GroupBy(image => image.Id.Short[0]).First(group => group.Count() > 1);
        var error = Assert.Throws<StrataException>(() => Host.Images.Get($"sha256:{shared.Key}"));
        Assert.StartsWith($"'sha256:{shared.Key}' is the beginning of several image ids: ", error.Message, StringComparison.Ordinal);
        Assert.All(shared, image => Assert.Contains(image.Id.Short, error.Message, StringComparison.Ordinal));
        Assert.Equal("give more digits", error.Hint);
    }
}

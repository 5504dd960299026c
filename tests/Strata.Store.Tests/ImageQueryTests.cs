using Strata.Oci;

namespace Strata.Store.Tests;

public sealed class ImageQueryTests : StoreTest
{
    [Theory]
    [InlineData("app", "app:v1", true)]
    [InlineData("app", "app-two:v1", false)]
    [InlineData("app:v1", "app:v1", true)]
    [InlineData("app:v1", "app:v2", false)]
    [InlineData("docker.io/library/app", "app:v1", true)]
    [InlineData("app*", "app-two:v1", true)]
    [InlineData("*:v1", "app:v1", true)]
    [InlineData("*", "team/app:v1", false)]
    [InlineData("*/*", "team/app:v1", true)]
    [InlineData("team/*:v?", "team/app:v1", true)]
    [InlineData("team/*:v?", "team/app:v10", false)]
    [InlineData("[a-c]pp", "app:v1", true)]
    [InlineData("[^a]pp", "app:v1", false)]
    [InlineData("localhost/*/app", "localhost/team/app:v1", true)]
    public void A_pattern_fits_names_as_dockers_do(string pattern, string name, bool fits) =>
        Assert.Equal(fits, NamePattern.Of(pattern).Fits(Reference.Parse(name)));

    [Fact]
    public async Task Images_are_found_by_name_id_label_and_time()
    {
        async Task<Digest> Add(string mark, string created, string? name, params (string Key, string Value)[] labels)
        {
            var layer = await AddLayer(Store, ("file", mark));
            var config = Config(mark, layer) with { Created = created, Config = new ContainerConfig { Labels = labels.ToDictionary(l => l.Key, l => l.Value) } };
            var id = await Store.Images.AddAsync(config.ToBytes(), Stop);
            Assert.True(name is null || Store.Names.Move(Name(name), id, null));
            return id;
        }
        var one = await Add("1", "2026-01-01T00:00:00Z", "app:v1", ("team", "red"), ("stage", "test"));
        var two = await Add("2", "2026-01-02T00:00:00Z", "app:v2", ("team", "blue"));
        var three = await Add("3", "2026-01-03T00:00:00Z", null);
        Assert.True(Store.Names.Move(Name("other:v1"), one, null));

        Digest[] Ids(ImageQuery query) => [.. Store.Images.List(query).Select(image => image.Id)];
        Assert.Equal([three, two, one], Ids(new ImageQuery()));
        Assert.Equal([two, one], Ids(new ImageQuery { Names = [NamePattern.Of("app")] }));
        Assert.Equal(["app:v1"], Store.Images.List(new ImageQuery { Names = [NamePattern.Of("app:*1")] }).Single().Names.Select(name => name.Reference.Familiar));
        Assert.Equal([three], Ids(new ImageQuery { Names = [NamePattern.Of(three.Hex[..12])] }));
        Assert.Equal([three], Ids(new ImageQuery { Names = [NamePattern.Of(three.ToString())] }));
        Assert.Equal([three], Ids(new ImageQuery { Dangling = true }));
        Assert.Equal([two, one], Ids(new ImageQuery { Dangling = false }));
        Assert.Equal([two, one], Ids(new ImageQuery { Labels = [new("team", null)] }));
        Assert.Equal([one], Ids(new ImageQuery { Labels = [new("team", "red"), new("stage", null)] }));
        Assert.Empty(Ids(new ImageQuery { Labels = [new("team", "green")] }));
        Assert.Equal([one], Ids(new ImageQuery { Before = Store.Images.List()[1].Created }));
        Assert.Equal([three], Ids(new ImageQuery { Since = Store.Images.List()[1].Created }));
    }
}

using System.Text;
using Strata.Content.Layers;
using Strata.Oci;

namespace Strata.Host.Tests.Images;

public sealed class ImportImageTests : HostTest
{
    private static readonly byte[] Tar = Tars.Of(("bin/app", "run me"), ("etc/os-release", "ID=strata\n"));

    private Task<Digest> ImportAsync(byte[] bytes, string? name = null) =>
        Host.Import.RunAsync(new MemoryStream(bytes), "/somewhere/base.tar", name is null ? null : Name(name), Stop);

    [Fact]
    public async Task A_tar_becomes_an_image_of_one_layer_whose_bytes_are_the_tars()
    {
        var id = await ImportAsync(Tar, "base");
        var image = Host.Images.Get("base").Image;
        Assert.Equal(id, image.Id);
        Assert.Equal([Digest.Of(Tar)], image.Layers);
        Assert.Equal(Platform.Local, image.Config.Platform);
        Assert.Equal("strata import", Assert.Single(image.Config.History!).CreatedBy);
        var index = await Host.Store.Layers.OpenIndexAsync(image.Layers[0], Stop);
        Assert.True(index.Find(ImagePath.Parse("bin/app")) >= 0);
    }

    [Fact]
    public async Task Time_comes_from_the_tar_so_that_the_same_tar_is_the_same_image_on_any_machine()
    {
        var here = await ImportAsync(Tar);
        using var elsewhere = OpenHost("another");
        Assert.Equal(here, await elsewhere.Import.RunAsync(new MemoryStream(Tar), "renamed.tar", null, Stop));
        Assert.Equal("2023-11-14T22:13:20Z", Host.Images.Get(here.ToString()).Image.Config.Created);
    }

    [Fact]
    public async Task A_compressed_tar_is_the_same_layer()
    {
        await ImportAsync(Tar);
        var layer = Host.Images.Get((await ImportAsync(Tars.Gzip(Tar))).ToString()).Image.Layers;
        Assert.Equal([Digest.Of(Tar)], layer);
    }

    [Fact]
    public async Task The_name_moves_to_what_was_imported_last()
    {
        await ImportAsync(Tar, "base");
        var second = await ImportAsync(Tars.Of(("other", "x")), "base");
        Assert.Equal(second, Host.Images.Get("base").Image.Id);
    }

    public static TheoryData<string, byte[]> Garbage => new()
    {
        { "text", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("this is no tar at all\n", 100))) },
        { "short text", "hello"u8.ToArray() },
        { "gzip that breaks off", Tars.Gzip(Tars.Of(("a", new string('x', 100_000))))[..60] },
        { "gzip of text", Tars.Gzip(Encoding.UTF8.GetBytes(new string('y', 2000))) },
        { "tar that breaks off", Tars.Of(("a", new string('x', 100_000)))[..3000] },
        { "zip", [.. "PK\u0003\u0004"u8, .. new byte[600]] },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task What_is_no_tar_is_refused_in_a_sentence_and_leaves_nothing(string what, byte[] bytes)
    {
        var error = await Refusal(() => ImportAsync(bytes, "base"));
        Assert.StartsWith("/somewhere/base.tar can't be imported: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(what == "zip", error.Message.EndsWith("It is compressed with zip, which is not read (gzip and zstd are); unpack it first.", StringComparison.Ordinal));
        Assert.True(error.InnerException is InvalidLayerException or InvalidDataException, what);
        Assert.Equal("import takes a tar of a root file system, plain or compressed with gzip or zstd", error.Hint);
        Assert.Empty(Host.Store.Images.List());
        Assert.Null(Host.Images.Find("base"));
    }
}

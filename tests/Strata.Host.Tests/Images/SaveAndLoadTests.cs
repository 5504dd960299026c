using Strata.Content.Compression;
using Strata.Content.Media.Archives;
using Strata.Host.Images;
using Strata.Host.Images.Places;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Host.Tests.Images;

public sealed class SaveAndLoadTests : HostTest
{
    private Task SaveAsync(string file, SaveFormat format = SaveFormat.DockerArchive, LayerForm? form = null, params string[] images) =>
        Host.Save.ToPathAsync(images, Place(file), format, form, null, Stop);

    [Theory]
    [InlineData(SaveFormat.DockerArchive)]
    [InlineData(SaveFormat.OciArchive)]
    public async Task What_was_saved_is_loaded_elsewhere_as_the_same_images_under_the_same_names(SaveFormat format)
    {
        var (one, two) = (await ImportAsync("one", "app:v1"), await ImportAsync("two", "reg.example/team/app:v1"));
        await SaveAsync("images.tar", format, null, "app:v1", "reg.example/team/app:v1");
        using var elsewhere = OpenHost("elsewhere");
        var loaded = await LoadAsync(elsewhere, Place("images.tar"));
        Assert.Equal([one, two], loaded.Select(image => image.Id));
        Assert.Equal(["app:v1", "reg.example/team/app:v1"], loaded.SelectMany(image => image.Names).Select(name => name.Familiar));
        Assert.Equal(one, elsewhere.Images.Get("app:v1").Image.Id);

        using var third = OpenHost("third");
        await using var stream = new FileStream(Place("images.tar"), FileMode.Open, FileAccess.Read);
        Assert.Equal([one, two], (await LoadAsync(third, stream)).Select(image => image.Id));
        Assert.Empty((await third.Store.Maintenance.VerifyAsync(repair: false, null, Stop)));
    }

    [Fact]
    public async Task An_archive_is_for_its_owner_alone_and_a_link_to_one_stays_a_link()
    {
        await ImportAsync("one", "app:v1");
        Directory.CreateDirectory(Place("kept"));
        File.CreateSymbolicLink(Place("link.tar"), Place("kept", "images.tar"));
        for (var again = 0; again < 2; again++)
        {
            await SaveAsync("link.tar", images: "app:v1");
            Assert.NotNull(new FileInfo(Place("link.tar")).LinkTarget);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Place("kept", "images.tar")));
        }
        Assert.Equal(["images.tar"], Directory.GetFileSystemEntries(Place("kept")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("/dev/stdout", 1)]
    [InlineData("/dev/fd/1", 1)]
    [InlineData("/proc/self/fd/1", 1)]
    [InlineData("/dev/stderr", 2)]
    [InlineData("/dev/fd/7", null)]
    [InlineData("/dev/null", null)]
    public void Other_words_for_standard_output_are_known(string path, int? descriptor)
    {
        File.CreateSymbolicLink(Place("link"), path);
        Assert.Equal(descriptor, StandardDescriptor.Of(path));
        Assert.Equal(descriptor, StandardDescriptor.Of(Place("link")));
        File.Delete(Place("link"));
    }

    [Fact]
    public async Task What_is_no_regular_file_is_written_to_as_it_goes_through_links_too()
    {
        var id = await ImportAsync("one", "app:v1");
        using (var make = System.Diagnostics.Process.Start("mkfifo", Place("fifo")))
        {
            await make.WaitForExitAsync(Stop);
        }
        File.CreateSymbolicLink(Place("link"), Place("fifo"));
        foreach (var output in new[] { "fifo", "link" })
        {
            using var elsewhere = OpenHost(output + "-store");
            var loading = Task.Run(() => LoadAsync(elsewhere, Place("fifo")));
            await SaveAsync(output, images: "app:v1");
            Assert.Equal(id, Assert.Single(await loading).Id);
        }
    }

    [Fact]
    public async Task A_name_without_a_tag_means_all_its_tags_and_an_id_has_no_name()
    {
        var id = await ImportAsync("one", "app:v1");
        await ImportAsync("two", "app:v2");
        await SaveAsync("all.tar", images: "app");
        await SaveAsync("id.tar", images: id.ToString());
        using var elsewhere = OpenHost("elsewhere");
        var byId = Assert.Single(await LoadAsync(elsewhere, Place("id.tar")));
        Assert.Equal(id, byId.Id);
        Assert.Empty(byId.Names);
        var all = await LoadAsync(elsewhere, Place("all.tar"));
        Assert.Equal(["app:v1", "app:v2"], all.SelectMany(image => image.Names).Select(name => name.Familiar));
    }

    [Fact]
    public async Task Layers_are_compressed_as_was_asked_and_only_once()
    {
        var id = await ImportAsync("one", "app:v1");
        await SaveAsync("zstd.tar", form: new LayerForm(LayerCompression.Zstd, 7), images: "app:v1");
        using (var archive = await ImageArchive.OpenAsync(File.OpenHandle(Place("zstd.tar")), Stop))
        {
            var manifest = archive!.Images[0].Manifest;
            Assert.True(Manifest.TryParse(manifest.Raw, manifest.MediaType, out var parsed, out _));
            Assert.Equal(MediaTypes.OciLayerZstd, parsed.Layers[0].MediaType);
            Assert.Equal(id, parsed.Config.Digest);
            var again = await Host.Store.Layers.CompressAsync(Host.Images.Get("app:v1").Image.Layers[0], LayerEncoder.Zstd(7), anyEncoder: false, Stop);
            Assert.Equal(parsed.Layers[0].Digest, again.Digest);
        }
        using var elsewhere = OpenHost("elsewhere");
        Assert.Equal(id, Assert.Single(await LoadAsync(elsewhere, Place("zstd.tar"))).Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_full_disk_is_that_of_the_file_written_and_not_the_stores(bool copy)
    {
        using var disk = SmallDisk.Mount("tmpfs", 1);
        disk.Fill();
        await ImportAsync("one", "app:v1");
        var path = Path.Combine(disk.Path, "images.tar");
        var error = await Refusal(() => copy
            ? Host.Copy.RunAsync(new CopyRequest { From = ImagePlace.Parse("store:app:v1"), To = ImagePlace.Parse("oci-archive:" + path) }, null, Stop)
            : Host.Save.ToPathAsync(["app:v1"], path, SaveFormat.DockerArchive, null, null, Stop));
        Assert.Matches($"^{path} could not be written: its disk is full \\([0-9]+ kB are left\\)$", error.Message);
        Assert.Equal("free some space there, or name another place; nothing half-written is kept, and what was there before is as it was", error.Hint);
    }

    [Theory]
    [InlineData("/dev/full")]
    [InlineData("the file that standard output goes to")]
    public async Task A_full_disk_that_is_written_to_as_it_goes_is_named_as_the_person_called_it(string destination)
    {
        await ImportAsync("one", "app:v1");
        await using var output = new OutputStream(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.Write, 0), destination);
        var error = await Refusal(() => destination == "/dev/full"
            ? Host.Save.ToPathAsync(["app:v1"], destination, SaveFormat.DockerArchive, null, null, Stop)
            : Host.Save.ToStreamAsync(["app:v1"], output, SaveFormat.OciArchive, null, null, Stop));
        Assert.Equal($"{destination} could not be written: its disk is full", error.Message);
        Assert.Equal("free some space there, or name another place; what has been written so far is not whole", error.Hint);
    }

    [Fact]
    public async Task A_save_that_fails_leaves_what_was_there()
    {
        Write("images.tar", "before");
        await Refusal(() => SaveAsync("images.tar", images: "nothing:here"));
        Assert.Equal("before", await File.ReadAllTextAsync(Place("images.tar"), Stop));
        await ImportAsync("one", "app:v1");
        await Refusal(() => SaveAsync("missing/images.tar", images: "app:v1"));
        Assert.Equal(["images.tar", "store"], Directory.GetFileSystemEntries(Place()).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_image_that_is_whole_has_its_name_although_one_behind_it_in_the_archive_is_not(bool once)
    {
        var (one, two) = (await ImportAsync("one", "app:v1"), await ImportAsync("two", "app:v2"));
        var layer = Host.Images.Get("app:v2").Image.Layers[0];
        await SaveAsync("images.tar", SaveFormat.OciArchive, null, "app:v1", "app:v2");
        Tars.Without(Place("images.tar"), $"blobs/sha256/{layer.Hex}");
        using var elsewhere = OpenHost("elsewhere");
        var loaded = new List<LoadedImage>();
        await using var stream = new FileStream(Place("images.tar"), FileMode.Open, FileAccess.Read);
        var refused = await Refusal(() => once
            ? elsewhere.Load.FromStreamAsync(stream, "standard input", null, loaded.Add, null, Stop)
            : elsewhere.Load.FromFileAsync(Place("images.tar"), null, loaded.Add, null, Stop));
        Assert.Contains($"{layer}, which is not there", refused.Message, StringComparison.Ordinal);
        Assert.Equal("app:v1", Assert.Single(Assert.Single(loaded).Names).Familiar);
        var kept = Assert.Single(elsewhere.Store.Images.List());
        Assert.Equal((one, "app:v1"), (kept.Id, Assert.Single(kept.Names).Reference.Familiar));
        Assert.NotEqual(one, two);
    }

    [Fact]
    public async Task What_is_no_archive_is_refused_with_its_name()
    {
        Write("text", "hello");
        Assert.Contains("text", (await Refusal(() => LoadAsync(Host, Place("text")))).Message, StringComparison.Ordinal);
        Assert.Contains("nothing", (await Refusal(() => LoadAsync(Host, Place("nothing")))).Message, StringComparison.Ordinal);
        Assert.Contains("folder", (await Refusal(() => LoadAsync(Host, Place()))).Message, StringComparison.Ordinal);
        Assert.Empty(Host.Store.Images.List());
    }
}

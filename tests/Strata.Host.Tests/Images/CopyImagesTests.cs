using System.IO.Compression;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Host.Images;
using Strata.Host.Images.Places;
using Strata.Linux;
using Strata.Oci;
using Strata.Registry;
using Strata.Remote;
using Strata.Store;
using Strata.Testing;

namespace Strata.Host.Tests.Images;

public sealed class CopyImagesTests : HostTest, IAsyncLifetime
{
    private RegistryServer? _server;

    private string Registry => _server!.Addresses[0].Authority;

    public async ValueTask InitializeAsync() => _server = await RegistryServer.StartAsync(
        new RegistryOptions { DataDirectory = Place("registry"), Listen = [new IPEndPoint(IPAddress.Loopback, 0)] }, NullLoggerFactory.Instance, TimeProvider.System, Stop);

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Dispose();
    }

    private Task<Descriptor> CopyAsync(string from, string to, LayerForm? form = null, bool all = false, string? platform = null) => Host.Copy.RunAsync(
        new CopyRequest
        {
            From = ImagePlace.Parse(from),
            To = ImagePlace.Parse(to),
            Form = form,
            All = all,
            Platform = platform is null ? null : Platform.Parse(platform),
        },
        null,
        Stop);

    private static string Kind(string kind, string path, string name) => $"{kind}:{path}:{name}";

    [Fact]
    public async Task An_image_goes_round_through_every_place_without_a_byte_changed()
    {
        var image = RandomImage.Create(1);
        await image.WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        string[] places =
        [
            Kind("oci", Place("start"), "v1"),
            $"docker://{Registry}/team/app:v1",
            Kind("oci-archive", Place("a.tar"), "v2"),
            $"docker://{Registry}/other/app:v3",
            Kind("docker-archive", Place("b.tar"), "reg.example/app:v4"),
            "store:reg.example/app:v5",
            Kind("oci", Place("end"), "v6"),
            $"docker://{Registry}/team/app:v7",
            "store:app:v8",
            Kind("docker-archive", Place("c.tar"), "app:v9"),
            Kind("oci-archive", Place("d.tar"), "reg.example/app:v10"),
        ];
        foreach (var (from, to) in places.Zip(places.Skip(1)))
        {
            Assert.Equal(image.Manifest.Digest, (await CopyAsync(from, to)).Digest);
        }
        Assert.Equal(image.ConfigDescriptor.Digest, Host.Images.Get("app:v8").Image.Id);
    }

    [Theory]
    [InlineData("app", "app:latest")]
    [InlineData("1", "1:latest")]
    [InlineData("team/app:v2", "team/app:v2")]
    [InlineData("", "origin/app:v1")]
    public async Task What_an_image_is_called_in_a_docker_archive_is_a_whole_name_since_docker_drops_a_mere_tag(string written, string familiar)
    {
        await RandomImage.Create(7).WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        await CopyAsync(Kind("oci", Place("start"), "v1"), Kind("oci-archive", Place("a.tar"), "origin/app:v1"));
        await CopyAsync($"oci-archive:{Place("a.tar")}", $"docker-archive:{Place("b.tar")}" + (written.Length > 0 ? ":" + written : ""));
        var list = Tars.TextOf(Place("b.tar"), "manifest.json");
        Assert.Contains($"\"RepoTags\":[\"{familiar}\"]", list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oci", "foo/bar:7", "docker.io/foo/bar:7")]
    [InlineData("oci-archive", "foo/bar:7", "docker.io/foo/bar:7")]
    [InlineData("oci-archive", "reg.example/app", "reg.example/app:latest")]
    [InlineData("oci", "7", null)]
    [InlineData("oci-archive", "7", null)]
    public async Task A_layout_calls_an_image_what_was_written_and_adds_the_whole_name_where_it_is_one(string kind, string written, string? whole)
    {
        await RandomImage.Create(11).WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        for (var again = 0; again < 2; again++)
        {
            await CopyAsync(Kind("oci", Place("start"), "v1"), Kind(kind, Place("end"), written));
        }
        var index = kind == "oci" ? await File.ReadAllTextAsync(Place("end", "index.json"), Stop) : Tars.TextOf(Place("end"), "index.json");
        var containerd = whole is null ? "" : $"\"io.containerd.image.name\":\"{whole}\",";
        Assert.EndsWith($"\"annotations\":{{{containerd}\"org.opencontainers.image.ref.name\":\"{written}\"}}}}]}}", index, StringComparison.Ordinal);
        Assert.Equal(1, index.Split("ref.name").Length - 1);
        await CopyAsync(Kind(kind, Place("end"), written), "store:back:1");
    }

    [Fact]
    public async Task A_docker_archive_that_is_there_is_refused_and_stays_and_an_OCI_archive_is_replaced()
    {
        await RandomImage.Create(12).WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        var from = Kind("oci", Place("start"), "v1");
        Write("docker.tar", "");
        await CopyAsync(from, Kind("docker-archive", Place("docker.tar"), "app:1"));
        var before = await File.ReadAllBytesAsync(Place("docker.tar"), Stop);
        var refused = await Refusal(() => CopyAsync(from, Kind("docker-archive", Place("docker.tar"), "app:2")));
        Assert.Contains("is there already", refused.Message, StringComparison.Ordinal);
        Assert.Contains("another file", refused.Hint, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Place("docker.tar"), Stop));

        await CopyAsync(from, Kind("oci-archive", Place("oci.tar"), "app:1"));
        await CopyAsync(from, Kind("oci-archive", Place("oci.tar"), "app:2"));
        Assert.DoesNotContain("app:1", Tars.TextOf(Place("oci.tar"), "index.json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Five_at_once_into_one_new_layout_are_all_in_it(bool folderIsThere)
    {
        const int Copies = 5;
        var start = OciLayout.Create(Place("start"));
        for (var i = 0; i < Copies; i++)
        {
            await RandomImage.Create(20 + i).WriteAsync(start, Tag.Parse($"v{i}"), Stop);
        }
        if (folderIsThere)
        {
            Directory.CreateDirectory(Place("end"));
        }
        // None ends before all have begun.
        using var begun = new Barrier(Copies);
        await Task.WhenAll(Enumerable.Range(0, Copies).Select(i => Task.Run(() => Host.Copy.RunAsync(
            new CopyRequest { From = ImagePlace.Parse(Kind("oci", Place("start"), $"v{i}")), To = ImagePlace.Parse(Kind("oci", Place("end"), $"v{i}")) },
            new AtFirst(() => begun.SignalAndWait(Stop)),
            Stop))));
        var end = OciLayout.Open(Place("end"));
        Assert.Equal(Copies, (await end.ListAsync(Stop)).Count);
        for (var i = 0; i < Copies; i++)
        {
            var stored = await ImageAssert.Valid(end, ManifestKey.ByTag(Tag.Parse($"v{i}")), Stop);
            Assert.Equal(RandomImage.Create(20 + i).Manifest.Digest, stored.Digest);
        }
        Assert.Equal(["end", "registry", "start"], Directory.GetFileSystemEntries(Place()).Select(Path.GetFileName).Order());
    }

    private sealed class AtFirst(Action act) : IProgress<TransferEvent>
    {
        private int _events;

        public void Report(TransferEvent value)
        {
            if (Interlocked.Increment(ref _events) == 1)
            {
                act();
            }
        }
    }

    [Fact]
    public void That_the_temporary_folder_is_full_is_told_of_that_folder_alone()
    {
        var full = TemporaryFailure.Of("/tmp/t", new LinuxException(Errno.ENOSPC, "write", NamelessFile.Describe("/tmp/t")));
        Assert.Equal("the temporary folder /tmp/t is full", full!.Message);
        Assert.Contains("TMPDIR", full.Hint, StringComparison.Ordinal);
        Assert.NotNull(TemporaryFailure.Of("/tmp/t", new LinuxException(Errno.ENOSPC, "open", "/tmp/t/.tmp-1-0123456789abcdef")));
        Assert.Null(TemporaryFailure.Of("/tmp/t", new LinuxException(Errno.ENOSPC, "write", "/tmp/t/store/blobs/x")));
        Assert.Null(TemporaryFailure.Of("/tmp/t", new LinuxException(Errno.EIO, "write", NamelessFile.Describe("/tmp/t"))));
    }

    [Fact]
    public async Task The_folders_above_a_new_layout_are_made()
    {
        await RandomImage.Create(13).WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        await CopyAsync(Kind("oci", Place("start"), "v1"), Kind("oci", Place("a", "b", "c"), "v1"));
        await ImageAssert.Valid(OciLayout.Open(Place("a", "b", "c")), ManifestKey.ByTag(Tag.Parse("v1")), Stop);
        Write("file", "x");
        var refused = await Refusal(() => CopyAsync(Kind("oci", Place("start"), "v1"), Kind("oci", Place("file", "c"), "v1")));
        Assert.Contains($"{Place("file", "c")} could not be written", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_platforms_one_or_all_are_copied()
    {
        var (amd, arm, source) = (RandomImage.Create(2), RandomImage.Create(3, platform: Platform.Parse("linux/arm64")), OciLayout.Create(Place("multi")));
        await amd.WriteAsync(source, null, Stop);
        await arm.WriteAsync(source, null, Stop);
        var index = RandomImage.Index(amd, arm);
        await source.PutManifestAsync(index, Tag.Parse("m"), Stop);
        var from = Kind("oci", Place("multi"), "m");
        Assert.Equal(index.Digest, (await CopyAsync(from, $"docker://{Registry}/m:all", all: true)).Digest);
        Assert.Equal(arm.Manifest.Digest, (await CopyAsync($"docker://{Registry}/m:all", Kind("oci-archive", Place("arm.tar"), "x"), platform: "linux/arm64")).Digest);
        Assert.Equal(amd.Manifest.Digest, (await CopyAsync(from, $"docker://{Registry}/m:amd", platform: "linux/amd64")).Digest);
        var refused = await Refusal(() => CopyAsync(from, Kind("oci", Place("none"), "x"), platform: "linux/s390x"));
        Assert.Contains("linux/amd64, linux/arm64", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Place("none")));
        Assert.Equal(index.Digest, (await CopyAsync($"docker://{Registry}/m:all", "store:m:all", all: true)).Digest);
        Assert.Equal(index.Digest, (await CopyAsync("store:m:all", Kind("docker-archive", Place("m.tar"), "m:all"), all: true)).Digest);
    }

    [Fact]
    public async Task Bare_tars_of_a_docker_archive_are_compressed_on_the_way_to_a_registry_and_not_in_the_store()
    {
        var id = await ImportAsync("app", "app:v1");
        await Host.Save.ToPathAsync(["app:v1"], Place("app.tar"), SaveFormat.DockerArchive, null, null, Stop);
        var pushed = await CopyAsync(Kind("docker-archive", Place("app.tar"), "app:v1"), $"docker://{Registry}/app:v1");
        await CopyAsync($"docker://{Registry}/app:v1", Kind("oci", Place("back"), "v1"));
        var stored = await OciLayout.Open(Place("back")).GetManifestAsync(ManifestKey.ByDigest(pushed.Digest), Stop);
        Assert.True(Manifest.TryParse(stored!.Raw, stored.MediaType, out var manifest, out _));
        Assert.Equal(MediaTypes.OciLayerGzip, manifest.Layers[0].MediaType);
        Assert.Equal(id, manifest.Config.Digest);

        await CopyAsync(Kind("docker-archive", Place("app.tar"), "app:v1"), "store:again:v1");
        Assert.Equal(id, Host.Images.Get("again:v1").Image.Id);
        await ImageAssert.Valid(OciLayout.Open(Place("back")), ManifestKey.ByTag(Tag.Parse("v1")), Stop);
    }

    [Fact]
    public async Task Layers_are_compressed_anew_when_that_is_wanted()
    {
        var image = RandomImage.Create(4);
        await image.WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        await CopyAsync(Kind("oci", Place("start"), "v1"), $"docker://{Registry}/z:1", new LayerForm(LayerCompression.Zstd, 1));
        await CopyAsync($"docker://{Registry}/z:1", Kind("oci", Place("zstd"), "v1"));
        var stored = await ImageAssert.Valid(OciLayout.Open(Place("zstd")), ManifestKey.ByTag(Tag.Parse("v1")), Stop);
        Assert.True(Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out _));
        Assert.All(manifest.Layers, layer => Assert.Equal(MediaTypes.OciLayerZstd, layer.MediaType));
        Assert.Equal(image.ConfigDescriptor.Digest, manifest.Config.Digest);
    }

    [Fact]
    public async Task What_is_attached_goes_with_the_image_from_place_to_place()
    {
        var layout = OciLayout.Create(Place("start"));
        var image = RandomImage.Create(6);
        await image.WriteAsync(layout, Tag.Parse("v1"), Stop);
        var attached = await RandomImage.AttachAsync(layout, image.Manifest.Descriptor, "signed", Stop);
        string[] places = [Kind("oci", Place("start"), "v1"), $"docker://{Registry}/one:v1", "store:app:v1", $"docker://{Registry}/two:v1", Kind("oci", Place("end"), "v1")];
        foreach (var (from, to) in places.Zip(places.Skip(1)))
        {
            await Host.Copy.RunAsync(new CopyRequest { From = ImagePlace.Parse(from), To = ImagePlace.Parse(to), Recursive = true }, null, Stop);
        }
        var end = OciLayout.Open(Place("end"));
        Assert.Equal(attached.Digest, Assert.Single(await end.ListReferrersAsync(image.Manifest.Digest, Stop)).Digest);
        Assert.True(Manifest.TryParse(attached.Raw, attached.MediaType, out var manifest, out _));
        Assert.Equal("signed"u8.ToArray(), await ImageAssert.ReadBlob(end, manifest.Layers[0], Stop));
    }

    [Fact]
    public async Task What_is_attached_cannot_be_copied_with_other_layers_and_then_nothing_is()
    {
        await RandomImage.Create(7).WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        var start = Kind("oci", Place("start"), "v1");
        var zstd = await Refusal(() => Recursive(start, $"docker://{Registry}/app:v1", new LayerForm(LayerCompression.Zstd, 1)));
        Assert.Contains("another digest", zstd.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Place("registry", "blobs")) && Directory.EnumerateFiles(Place("registry", "blobs"), "*", SearchOption.AllDirectories).Any());

        Task<Descriptor> Recursive(string from, string to, LayerForm? form = null) => Host.Copy.RunAsync(
            new CopyRequest { From = ImagePlace.Parse(from), To = ImagePlace.Parse(to), Recursive = true, Form = form }, null, Stop);
    }

    [Fact]
    public async Task A_compressed_archive_is_read_without_a_file_that_a_kill_would_leave()
    {
        var image = RandomImage.Create(10);
        await image.WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        await CopyAsync(Kind("oci", Place("start"), "v1"), Kind("oci-archive", Place("a.tar"), "v1"));
        await using (var plain = File.OpenRead(Place("a.tar")))
        await using (var zipped = new GZipStream(File.Create(Place("a.tgz")), CompressionLevel.Fastest))
        {
            await plain.CopyToAsync(zipped, Stop);
        }
        await CopyAsync(Kind("oci-archive", Place("a.tgz"), "v1"), Kind("oci", Place("end"), "v1"));
        Assert.Equal(image.Manifest.Digest, (await ImageAssert.Valid(OciLayout.Open(Place("end")), ManifestKey.ByTag(Tag.Parse("v1")), Stop)).Digest);
        Assert.DoesNotContain(Directory.GetFiles(Machine.TemporaryFolder, ".tmp-*"), file => file.Contains($"-{Environment.ProcessId}-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_artifact_is_refused_by_the_store_and_its_images_stay_readable()
    {
        var layout = OciLayout.Create(Place("start"));
        await layout.PutBlobAsync(Describe("{}"u8, MediaTypes.OciEmpty), new MemoryStream("{}"u8.ToArray()), Stop);
        var artifact = Strata.Oci.Manifest.Create(Describe("{}"u8, MediaTypes.OciEmpty), [Describe("{}"u8, "a/b")]);
        await layout.PutManifestAsync(new StoredManifest(artifact.Raw, artifact.MediaType), Tag.Parse("sig"), Stop);
        await ImportAsync("app", "app:v1");
        Assert.Contains("artifact", (await Refusal(() => CopyAsync(Kind("oci", Place("start"), "sig"), "store:sig:v1"))).Message, StringComparison.Ordinal);
        await CopyAsync(Kind("oci", Place("start"), "sig"), Kind("oci-archive", Place("sig.tar"), "v1"));
        Assert.Contains("artifact", (await Refusal(() => LoadAsync(Host, Place("sig.tar")))).Message, StringComparison.Ordinal);
        Assert.Equal("app:v1", Assert.Single(Host.Store.Images.List(new ImageQuery())).Names[0].Reference.Familiar);

        static Descriptor Describe(ReadOnlySpan<byte> content, string mediaType) => new() { MediaType = mediaType, Digest = Digest.Of(content), Size = content.Length };
    }

    [Fact]
    public async Task Mirrors_and_other_locations_count_for_a_copy_and_for_inspecting()
    {
        var image = RandomImage.Create(8);
        await image.WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        await CopyAsync(Kind("oci", Place("start"), "v1"), $"docker://{Registry}/kept/app:v1");
        Set("CONTAINERS_REGISTRIES_CONF", Write("registries.conf", $"""
            [[registry]]
            prefix = "far.invalid/team"
            location = "{Registry}/kept"
            [[registry]]
            prefix = "mirrored.invalid/team"
            location = "{Registry}/nothing"
            [[registry.mirror]]
            location = "{Registry}/kept"
            [aliases]
            short = "far.invalid/team/app"
            """));
        using var machine = OpenHost("another");
        foreach (var (number, from) in new[] { "docker://far.invalid/team/app:v1", "docker://mirrored.invalid/team/app:v1", "docker://short:v1" }.Index())
        {
            var request = new CopyRequest { From = ImagePlace.Parse(from, machine.Registries.NameOf), To = ImagePlace.Parse(Kind("oci", Place($"end{number}"), "v1")) };
            Assert.Equal(image.Manifest.Digest, (await machine.Copy.RunAsync(request, null, Stop)).Digest);
        }
        var facts = await new InspectRemote(machine.Registries).RunAsync(Name("far.invalid/team/app:v1"), null, Reach.Usual, withTags: false, Stop);
        Assert.Equal(image.Manifest.Digest, facts.Root.Digest);
    }

    [Fact]
    public async Task A_copy_that_fails_at_one_registry_does_not_blame_the_other()
    {
        await RandomImage.Create(9).WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        await CopyAsync(Kind("oci", Place("start"), "v1"), $"docker://{Registry}/app:v1");
        const string nobody = "127.0.0.1:1";
        var error = await Refusal(() => CopyAsync($"docker://{Registry}/app:v1", $"docker://{nobody}/app:v1"));
        Assert.StartsWith($"copying docker://{Registry}/app:v1 to docker://{nobody}/app:v1: No connection to {nobody}", error.Message, StringComparison.Ordinal);
        Assert.Equal("does a registry listen there? `strata registry serve --data DIR` starts one", error.Hint);
    }

    [Fact]
    public async Task A_slip_in_registries_conf_matters_only_where_a_registry_is_needed()
    {
        Set("CONTAINERS_REGISTRIES_CONF", Write("registries.conf", "[[registry"));
        await ImportAsync("app", "app:v1");
        Assert.Equal(Name("app:v1"), Host.Pull.NameOf("app:v1"));
        await Host.Pull.GetAsync(new PullRequest { Name = Name("app:v1") }, PullPolicy.Missing, new Progress<TransferEvent>(), Stop);
        Assert.Contains("registries.conf", (await Refusal(() => Host.Pull.RunAsync(Name("reg.invalid/app"), Platform.Local, new Progress<TransferEvent>(), Stop))).Message, StringComparison.Ordinal);
        await CopyAsync("store:app:v1", Kind("oci", Place("end"), "v1"));
    }

    [Theory]
    [InlineData("app:v1", "places are docker://")]
    [InlineData("docker:app", "places are docker://")]
    [InlineData("oci:", "places are docker://")]
    [InlineData("oci-archive::x", "places are docker://")]
    [InlineData("store:", "places are docker://")]
    public void What_is_no_place_is_told_what_places_are(string text, string hint) =>
        Assert.Contains(hint, Assert.Throws<StrataException>(() => ImagePlace.Parse(text)).Hint, StringComparison.Ordinal);

    [Fact]
    public async Task What_is_not_there_is_said_and_nothing_is_left()
    {
        var image = RandomImage.Create(5);
        await image.WriteAsync(OciLayout.Create(Place("one")), Tag.Parse("v1"), Stop);
        Assert.Contains("'v2'", (await Refusal(() => CopyAsync(Kind("oci", Place("one"), "v2"), Kind("oci", Place("x"), "v")))).Message, StringComparison.Ordinal);
        Assert.Contains("no image", (await Refusal(() => CopyAsync($"docker://{Registry}/no:1", Kind("oci", Place("x"), "v")))).Message + "no image", StringComparison.Ordinal);
        Assert.Contains("no image layout", (await Refusal(() => CopyAsync($"oci:{Place("registry")}", Kind("oci", Place("x"), "v")))).Message, StringComparison.Ordinal);
        File.Delete(Place("one", "blobs", "sha256", image.Layers[0].Digest.Hex));
        var incomplete = await Refusal(() => CopyAsync(Kind("oci", Place("one"), "v1"), Kind("oci-archive", Place("x.tar"), "v")));
        Assert.Contains(image.Layers[0].Digest.ToString(), incomplete.Message, StringComparison.Ordinal);
        Assert.Equal(["one", "registry"], Directory.GetFileSystemEntries(Place()).Select(Path.GetFileName).Order());
    }
}

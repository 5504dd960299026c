using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Host.Images;
using Strata.Host.Images.Places;
using Strata.Oci;
using Strata.Registry;
using Strata.Remote;
using Strata.Store;
using Strata.Testing;

namespace Strata.Host.Tests.Images;

/// <summary>Pulls and pushes between stores and a registry of this process.</summary>
public sealed class PullAndPushTests : HostTest, IAsyncLifetime
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

    private Task<Descriptor> PushAsync(string name) => Host.Push.RunAsync(Name(name), false, new Transfers(), Stop);

    [Fact]
    public async Task What_was_pushed_is_pulled_elsewhere_as_the_same_image()
    {
        var id = await ImportAsync("app", $"{Registry}/team/app:v1");
        var progress = new Transfers();
        var pushed = await Host.Push.RunAsync(Name($"{Registry}/team/app:v1"), false, progress, Stop);
        Assert.Equal(2, progress.Finished);

        using var elsewhere = OpenHost("another");
        var pulled = await elsewhere.Pull.RunAsync(Name($"{Registry}/team/app:v1"), Platform.Local, new Transfers(), Stop);
        Assert.Equal(id, pulled.Id);
        Assert.Equal(id, elsewhere.Images.Get($"{Registry}/team/app:v1").Image.Id);
        Assert.Equal(pushed.Digest, elsewhere.Store.Names.Find(Name($"{Registry}/team/app:v1"))?.Manifest);

        var byDigest = await elsewhere.Pull.RunAsync(Reference.Parse($"{Registry}/team/app@{pushed.Digest}"), Platform.Local, new Transfers(), Stop);
        Assert.Equal(id, byDigest.Id);
    }

    [Fact]
    public async Task What_a_push_leaves_behind_is_counted()
    {
        var (amd, arm) = (RandomImage.Create(1), RandomImage.Create(2, platform: Platform.Parse("linux/arm64")));
        var name = Name($"{Registry}/signed:v1");
        var medium = Host.Store.Medium(name, LayerEncoder.Default);
        await amd.WriteAsync(medium, null, Stop);
        await arm.WriteAsync(medium, null, Stop);
        await medium.PutManifestAsync(RandomImage.Index(amd, arm), name.Tag, Stop);
        Assert.Equal(0, Host.Push.AttachedTo((await PushAsync(name.ToString())).Digest));
        var signature = await RandomImage.AttachAsync(medium, arm.Manifest.Descriptor, "signature", Stop);
        await RandomImage.AttachAsync(medium, signature.Descriptor, "on that", Stop);
        Assert.Equal(2, Host.Push.AttachedTo((await PushAsync(name.ToString())).Digest));
        Assert.Equal(0, Host.Push.AttachedTo(amd.Manifest.Digest));
    }

    [Fact]
    public async Task A_pull_of_one_platform_keeps_the_list_and_a_push_of_it_sends_the_image_alone()
    {
        var (amd, arm) = (RandomImage.Create(1, platform: Platform.Parse("linux/amd64")), RandomImage.Create(2, platform: Platform.Parse("linux/arm64")));
        var layout = OciLayout.Create(Place("multi"));
        await amd.WriteAsync(layout, null, Stop);
        await arm.WriteAsync(layout, null, Stop);
        var index = RandomImage.Index(amd, arm);
        await layout.PutManifestAsync(index, Tag.Parse("m"), Stop);
        var name = Name($"{Registry}/multi:m");
        await Host.Copy.RunAsync(new CopyRequest { From = ImagePlace.Parse($"oci:{Place("multi")}:m"), To = ImagePlace.Parse($"docker://{name}"), All = true }, null, Stop);

        var pulled = await Host.Pull.RunAsync(name, Platform.Parse("linux/arm64"), new Transfers(), Stop);
        Assert.Equal(arm.ConfigDescriptor.Digest, pulled.Id);
        Assert.Equal(new NameTarget(pulled.Id, index.Digest), Host.Store.Names.Find(name));
        Assert.True(Host.Store.Manifests.Find(index.Digest)!.Raw.Span.SequenceEqual(index.Raw.Span));
        Assert.Single(Host.Store.Names.History(name));

        Host.Store.Names.Move(Name($"{Registry}/one:v1"), pulled.Id, index.Digest);
        Assert.Equal("linux/amd64", Assert.Single(Host.Push.AbsentPlatforms(Name($"{Registry}/one:v1"))).ToString());
        Assert.Equal(arm.Manifest.Digest, (await PushAsync($"{Registry}/one:v1")).Digest);

        await Host.Pull.RunAsync(name, Platform.Parse("linux/amd64"), new Transfers(), Stop);
        Assert.Empty(Host.Push.AbsentPlatforms(name));
        Assert.Equal(index.Digest, (await PushAsync($"{Registry}/one:v1")).Digest);
    }

    [Fact]
    public async Task After_a_push_the_name_has_the_digest_and_what_is_lost_is_fetched_from_there()
    {
        var id = await ImportAsync("app", $"{Registry}/team/app:v1");
        var pushed = await PushAsync($"{Registry}/team/app:v1");
        Assert.Equal(pushed.Digest, Assert.Single(Host.Store.Images.List()[0].Names).Manifest);
        Host.Store.Names.Move(Name("mine:v1"), id, null);
        Host.Store.Names.Remove(Name($"{Registry}/team/app:v1"));
        File.Delete(Place("store", "blobs", "sha256", id.Hex[..2], id.Hex));
        var findings = await Host.Store.Maintenance.RepairAsync(Host.Registries.Origin, null, Stop);
        var restored = Assert.Single(findings.OfType<VerifyFinding.Restored>());
        Assert.Equal((id, $"{Registry}/team/app"), (restored.Content, restored.Repository!.ToString()));
        Assert.Equal(id, Host.Store.Images.Get(id)!.Id);
    }

    [Fact]
    public async Task A_push_compresses_layers_as_was_asked_and_the_next_one_as_ever()
    {
        var id = await ImportAsync("app", $"{Registry}/team/app:v1");
        var zstd = await Host.Push.RunAsync(Name($"{Registry}/team/app:v1"), new LayerForm(LayerCompression.Zstd, null), false, new Transfers(), Stop);
        var gzip = await PushAsync($"{Registry}/team/app:v1");
        Assert.NotEqual(zstd.Digest, gzip.Digest);
        using var elsewhere = OpenHost("another");
        var pulled = await elsewhere.Pull.RunAsync(Reference.Parse($"{Registry}/team/app@{zstd.Digest}"), Platform.Local, new Transfers(), Stop);
        Assert.Equal(id, pulled.Id);
        var stored = elsewhere.Store.Manifests.Find(zstd.Digest)!;
        Assert.True(Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out _));
        Assert.Equal(MediaTypes.OciLayerZstd, manifest.Layers[0].MediaType);
    }

    [Fact]
    public async Task A_second_push_sends_nothing()
    {
        await ImportAsync("app", $"{Registry}/team/app:v1");
        var first = await PushAsync($"{Registry}/team/app:v1");
        var progress = new Transfers();
        Assert.Equal(first.Digest, (await Host.Push.RunAsync(Name($"{Registry}/team/app:v1"), false, progress, Stop)).Digest);
        Assert.Equal(0, progress.Finished);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Layers_of_a_neighbour_at_the_registry_are_mounted_and_not_sent(bool isListed)
    {
        var (image, other) = (RandomImage.Create(1, layers: 2, platform: Platform.Local), RandomImage.Create(2, platform: Platform.Parse("linux/riscv64")));
        var neighbour = Name($"{Registry}/team/base:v1");
        await Host.Registries.ReachAsync("filling the registry", neighbour, Reach.Usual, async repository =>
        {
            await image.WriteAsync(repository, isListed ? null : neighbour.Tag, Stop);
            if (isListed)
            {
                await other.WriteAsync(repository, null, Stop);
                await repository.PutManifestAsync(RandomImage.Index(other, image), neighbour.Tag, Stop);
            }
            return repository;
        });
        var pulled = await Host.Pull.RunAsync(neighbour, Platform.Local, new Transfers(), Stop);
        var name = Name($"{Registry}/team/app:v1");
        Host.Store.Names.Move(name, pulled.Id, image.Manifest.Digest);
        var progress = new Transfers();
        await Host.Push.RunAsync(name, false, progress, Stop);
        Assert.Equal(["team/base", "team/base"], progress.MountedFrom);
    }

    [Fact]
    public async Task Tags_are_listed_with_what_they_mean()
    {
        await ImportAsync("app", $"{Registry}/team/app:v1");
        var pushed = await PushAsync($"{Registry}/team/app:v1");
        var tags = await Host.Registries.TagsAsync(Name($"{Registry}/team/app"), details: true, Reach.Usual, Stop).ToListAsync(Stop);
        var tag = Assert.Single(tags);
        Assert.Equal(("v1", pushed.Digest), (tag.Tag.ToString(), tag.Manifest?.Digest));
        Assert.True(tag.ContentSize > 0);
    }

    [Fact]
    public async Task A_blocked_registry_is_said_to_be_blocked_when_tags_are_listed()
    {
        Set("CONTAINERS_REGISTRIES_CONF", Write("registries.conf", "[[registry]]\nprefix = \"blocked.example\"\nblocked = true\n"));
        var error = await Refusal(async () => await Host.Registries.TagsAsync(Name("blocked.example/app"), details: false, Reach.Usual, Stop).ToListAsync(Stop));
        Assert.StartsWith("listing the tags of blocked.example/app: blocked.example is blocked by ", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("take 'blocked' out", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_the_registry_does_not_have_is_said_to_be_missing_there()
    {
        await ImportAsync("app", $"{Registry}/team/app:v1");
        await PushAsync($"{Registry}/team/app:v1");
        var error = await Refusal(() => Host.Pull.RunAsync(Name($"{Registry}/team/app:v2"), Platform.Local, new Transfers(), Stop));
        Assert.Equal($"there is no {Registry}/team/app:v2 at {Registry}", error.Message);
        Assert.Equal($"`strata tags {Registry}/team/app` lists what is there; a private repository may need `strata login {Registry}`", error.Hint);
    }

    [Fact]
    public async Task Of_a_list_of_images_the_one_for_this_machine_is_pulled_and_a_missing_one_is_refused_with_what_there_is()
    {
        var name = Name($"{Registry}/team/many");
        var (here, other) = (RandomImage.Create(1, platform: Platform.Local), RandomImage.Create(2, platform: Platform.Parse("linux/riscv64")));
        var index = RandomImage.Index(other, here);
        await Host.Registries.ReachAsync("filling the registry", name, Reach.Usual, async repository =>
        {
            await here.WriteAsync(repository, null, Stop);
            await other.WriteAsync(repository, null, Stop);
            await repository.PutManifestAsync(index, Tag.Latest, Stop);
            return index;
        });
        Assert.Equal(here.ConfigDescriptor.Digest, (await Host.Pull.RunAsync(name, Platform.Local, new Transfers(), Stop)).Id);
        Assert.Equal(other.ConfigDescriptor.Digest, (await Host.Pull.RunAsync(name, Platform.Parse("linux/riscv64"), new Transfers(), Stop)).Id);
        var error = await Refusal(() => Host.Pull.RunAsync(name, Platform.Parse("linux/s390x"), new Transfers(), Stop));
        Assert.Equal($"{name.Familiar} is not made for linux/s390x; there is linux/riscv64, {Platform.Local}", error.Message);
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_is_named()
    {
        using var nobody = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var name = $"127.0.0.1:{((IPEndPoint)nobody.LocalEndPoint!).Port}/team/app:v1";
        var error = await Refusal(() => Host.Pull.RunAsync(Name(name), Platform.Local, new Transfers(), Stop));
        Assert.StartsWith($"pulling {name}: No connection to 127.0.0.1:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_this_machine_are_neither_pulled_nor_pushed()
    {
        var pull = await Refusal(() => Host.Pull.RunAsync(Name("localhost/app:v1"), Platform.Local, new Transfers(), Stop));
        Assert.Equal("there is no image localhost/app:v1 in the store, and localhost/ names are this machine's own", pull.Message);
        await ImportAsync("app", "localhost/app:v1");
        var push = await Refusal(() => PushAsync("localhost/app:v1"));
        Assert.Equal("localhost/app:v1 names no registry", push.Message);
        Assert.Equal("give the image a name that does: strata tag localhost/app:v1 REGISTRY/app, then push that", push.Hint);
    }

    [Fact]
    public async Task A_name_that_the_store_does_not_have_is_not_pushed()
    {
        await ImportAsync("app", $"{Registry}/team/app:v1");
        var error = await Refusal(() => PushAsync($"{Registry}/team/ap:v1"));
        Assert.Equal($"there is no image '{Registry}/team/ap:v1' in the store", error.Message);
        Assert.Equal($"did you mean {Registry}/team/app:v1?", error.Hint);
    }

    private sealed class Transfers : IProgress<TransferEvent>
    {
        private readonly ConcurrentQueue<string> _mountedFrom = new();
        private int _finished;

        public int Finished => _finished;

        public IEnumerable<string> MountedFrom => _mountedFrom;

        public void Report(TransferEvent value)
        {
            if (value is TransferEvent.Finished)
            {
                Interlocked.Increment(ref _finished);
            }
            if (value is TransferEvent.Skipped { MountedFrom: { } origin })
            {
                _mountedFrom.Enqueue(origin);
            }
        }
    }
}

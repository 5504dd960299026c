using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Registry;
using Strata.Remote.Certificates;
using Strata.Remote.Credentials;
using Strata.Testing;

namespace Strata.Remote.Tests;

/// <summary>The contract of media over the wire, against the registry of this product.</summary>
public sealed class StrataRegistryTests : ImageMediumContract, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpMessageHandler _handler = RegistryClient.CreateHandler(_ => null, CertificateFolders.None);
    private RegistryServer? _server;
    private RegistryClient? _client;
    private int _repositories;

    private string Host => _server!.Addresses[0].Authority;

    public async ValueTask InitializeAsync()
    {
        _server = await RegistryServer.StartAsync(
            new RegistryOptions { DataDirectory = _folder.File("data"), Listen = [new IPEndPoint(IPAddress.Loopback, 0)] }, NullLoggerFactory.Instance, TimeProvider.System, Stop);
        _client = new RegistryClient(_handler, new RegistryClientOptions());
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _handler.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
        _folder.Dispose();
    }

    protected override Task<(IImageReader Reader, IImageWriter Writer)> CreateAsync()
    {
        var repository = Create();
        return Task.FromResult<(IImageReader, IImageWriter)>((repository, repository));
    }

    [Fact]
    public async Task Tags_are_listed_resolved_rolled_back_and_deleted()
    {
        var repository = Create();
        var (first, second) = (RandomImage.Create(1), RandomImage.Create(2));
        var tag = Tag.Parse("v1");
        await first.WriteAsync(repository, tag, Stop);
        await second.WriteAsync(repository, tag, Stop);
        Assert.Equal(["v1"], await repository.ListTagsAsync(Stop).Select(t => t.ToString()).ToListAsync(Stop));
        Assert.Equal(second.Manifest.Descriptor.Digest, (await repository.ResolveAsync(ManifestKey.ByTag(tag), Stop))?.Digest);
        Assert.Null(await repository.ResolveAsync(ManifestKey.ByTag(Tag.Parse("v9")), Stop));

        var history = await repository.TagHistoryAsync(tag, Stop);
        Assert.Equal(second.Manifest.Digest, history[0].To);
        Assert.Equal(first.Manifest.Digest, history[0].From);
        var (from, to) = await repository.RollbackTagAsync(tag, null, Stop);
        Assert.Equal((second.Manifest.Digest, first.Manifest.Digest), (from, to));
        Assert.Equal(first.Manifest.Digest, (await repository.GetManifestAsync(ManifestKey.ByTag(tag), Stop))?.Digest);

        Assert.True(await repository.DeleteManifestAsync(ManifestKey.ByTag(tag), Stop));
        Assert.Null(await repository.GetManifestAsync(ManifestKey.ByTag(tag), Stop));
    }

    [Fact]
    public async Task A_blob_of_a_neighbour_is_mounted()
    {
        var (source, memory) = (Create(), new MemoryMedium());
        var image = RandomImage.Create(3);
        await image.WriteAsync(source, Tag.Latest, Stop);
        await image.WriteAsync(memory, Tag.Latest, Stop);
        var target = Create().MountingFrom(_ => source.Name);
        foreach (var (blob, _) in image.Blobs)
        {
            Assert.Equal(source.Name.ToString(), await target.TryMountAsync(blob, Stop));
        }
        await target.PutManifestAsync(image.Manifest, Tag.Latest, Stop);
        await ImageAssert.Valid(target, ManifestKey.ByTag(Tag.Latest), Stop);
    }

    [Fact]
    public async Task A_repository_that_does_not_exist_is_said_to_be_missing()
    {
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Create().ListTagsAsync(Stop).ToListAsync(Stop));
        Assert.Contains("has no repository", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_said_to_be_that()
    {
        using var listener = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var error = await Assert.ThrowsAsync<RegistryException>(() => _client!.PingAsync($"127.0.0.1:{port}", Reach.Usual, Stop));
        Assert.Contains($"No connection to 127.0.0.1:{port}: Connection refused", error.Message, StringComparison.Ordinal);
    }

    private RemoteRepository Create() => _client!.Repository(Host, RepositoryName.Parse($"team/app{_repositories++}"));
}

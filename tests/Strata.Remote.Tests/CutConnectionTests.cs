using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Registry;
using Strata.Remote.Certificates;
using Strata.Testing;

namespace Strata.Remote.Tests;

/// <summary>Transfers over a network that cuts connections at random bytes, to the registry of this product.</summary>
public sealed class CutConnectionTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpMessageHandler _handler = RegistryClient.CreateHandler(_ => null, CertificateFolders.None);
    private RegistryServer? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Server => _server!.Addresses[0].Authority;

    public async ValueTask InitializeAsync() => _server = await RegistryServer.StartAsync(
        new RegistryOptions { DataDirectory = _folder.File("data"), Listen = [new IPEndPoint(IPAddress.Loopback, 0)] }, NullLoggerFactory.Instance, TimeProvider.System, Stop);

    public async ValueTask DisposeAsync()
    {
        _handler.Dispose();
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_push_goes_on_from_the_byte_where_it_was_cut(int seed)
    {
        var image = RandomImage.Create(seed, layers: 3, layerSize: 3_000_000);
        var random = new Random(seed);
        await using var proxy = new CuttingProxy(Server, Enumerable.Range(0, 6).Select(_ => (long)random.Next(200, 2_900_000)));
        var source = new MemoryMedium();
        await image.WriteAsync(source, Tag.Latest, Stop);
        using var client = Client();
        var repository = Repository(client, proxy.Authority).ReadingAgainFrom(source);
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, repository, ManifestKey.ByTag(Tag.Latest), new CopyOptions { Tag = Tag.Latest }, null, Stop));
        Assert.True(proxy.Made > 0);
        await ImageAssert.Valid(Repository(client, Server), ManifestKey.ByTag(Tag.Latest), Stop);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_pull_goes_on_from_the_byte_where_it_was_cut(int seed)
    {
        var image = RandomImage.Create(seed, layers: 3, layerSize: 3_000_000);
        var random = new Random(seed);
        using var client = Client();
        await image.WriteAsync(Repository(client, Server), Tag.Latest, Stop);
        await using var proxy = new CuttingProxy(Server, Enumerable.Range(0, 8).Select(_ => (long)random.Next(200, 2_900_000)));
        var target = new MemoryMedium();
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(
            Repository(client, proxy.Authority), target, ManifestKey.ByTag(Tag.Latest), new CopyOptions { Tag = Tag.Latest }, null, Stop));
        Assert.True(proxy.Made > 0);
        await ImageAssert.Valid(target, ManifestKey.ByTag(Tag.Latest), Stop);
    }

    private RegistryClient Client() => new(_handler, new RegistryClientOptions { Time = HastyTime.Instance, IdleTimeout = TimeSpan.FromHours(10) });

    private static RemoteRepository Repository(RegistryClient client, string host) => client.Repository(host, RepositoryName.Parse("team/app"));
}

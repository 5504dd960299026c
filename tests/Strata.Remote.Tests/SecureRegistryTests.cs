using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Registry;
using Strata.Remote.Certificates;
using Strata.Testing;

namespace Strata.Remote.Tests;

/// <summary>Transfers over TLS: in HTTP/2 where the server has it, straight and through proxies.</summary>
public sealed class SecureRegistryTests : IAsyncLifetime
{
    private const string Name = "registry.strata.test";

    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly ConcurrentQueue<Version> _versions = new();
    private RegistryServer? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Server => _server!.Addresses[0].Authority;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Over_TLS_everything_goes_in_HTTP_2_and_without_in_1_1(bool isSecure)
    {
        await ServeAsync(isSecure);
        await ThereAndBackAsync(Server, _ => null);
        Assert.All(_versions, version => Assert.Equal(isSecure ? HttpVersion.Version20 : HttpVersion.Version11, version));
        // Config, ten layers and a manifest, each way.
        Assert.InRange(_versions.Count, 24, 200);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("alice:open sesame", "alice:open%20sesame@")]
    public async Task A_proxy_is_gone_through_with_and_without_a_password(string? login, string inUrl)
    {
        await ServeAsync(isSecure: true);
        await using var proxy = new ConnectProxy(Server, login);
        await ThereAndBackAsync(Name, name => name == "HTTPS_PROXY" ? $"http://{inUrl}{proxy.Authority}" : null);
        Assert.All(_versions, version => Assert.Equal(HttpVersion.Version20, version));
        Assert.NotEmpty(proxy.Passed);
        Assert.All(proxy.Passed, place => Assert.Equal($"{Name}:443", place));
    }

    [Fact]
    public async Task A_proxy_that_wants_a_password_is_said_so()
    {
        await ServeAsync(isSecure: true);
        await using var proxy = new ConnectProxy(Server, "alice:secret");
        var error = await Assert.ThrowsAsync<RegistryException>(() => ThereAndBackAsync(Name, name => name == "HTTPS_PROXY" ? proxy.Authority : null));
        Assert.StartsWith($"The proxy lets nobody through to {Name}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("407", error.Message, StringComparison.Ordinal);
        Assert.Empty(proxy.Passed);
    }

    private async Task ServeAsync(bool isSecure)
    {
        using var certificate = _authority.Sign(Name);
        foreach (var registry in new[] { Name, "certs" })
        {
            Directory.CreateDirectory(_folder.File("certs.d", registry));
            await File.WriteAllTextAsync(_folder.File("certs.d", registry, "ca.crt"), _authority.Pem, Stop);
        }
        await File.WriteAllTextAsync(_folder.File("server.pem"), certificate.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(_folder.File("server.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Stop);
        _server = await RegistryServer.StartAsync(
            new RegistryOptions
            {
                DataDirectory = _folder.File("data"),
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                Tls = isSecure ? new TlsFiles(_folder.File("server.pem"), _folder.File("server.key")) : null,
            }, NullLoggerFactory.Instance, TimeProvider.System, Stop);
        Directory.Move(_folder.File("certs.d", "certs"), _folder.File("certs.d", Server));
    }

    private async Task ThereAndBackAsync(string registry, Func<string, string?> variable)
    {
        using var handler = new Watching(RegistryClient.CreateHandler(variable, new CertificateFolders([_folder.File("certs.d")])), _versions);
        using var client = new RegistryClient(handler, new RegistryClientOptions());
        var repository = client.Repository(registry, RepositoryName.Parse("app"));
        var source = new MemoryMedium();
        await RandomImage.Create(5, layers: 10, layerSize: 300_000).WriteAsync(source, Tag.Latest, Stop);
        var options = new CopyOptions { Tag = Tag.Latest };
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, repository.ReadingAgainFrom(source), ManifestKey.ByTag(Tag.Latest), options, null, Stop));
        var target = new MemoryMedium();
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(repository, target, ManifestKey.ByTag(Tag.Latest), options, null, Stop));
        await ImageAssert.Valid(target, ManifestKey.ByTag(Tag.Latest), Stop);
    }

    private sealed class Watching(HttpMessageHandler inner, ConcurrentQueue<Version> versions) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            versions.Enqueue(response.Version);
            return response;
        }
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Registry.Tests;

public sealed class ServerTests
{
    [Fact]
    public async Task Everything_is_there_again_after_a_restart()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("a", "one", "v1");
        await registry.RestartAsync();
        using var get = await registry.GetAsync("/v2/a/manifests/v1");
        Assert.Equal(image.Raw.ToArray(), await get.Content.ReadAsByteArrayAsync());
        using var blob = await registry.GetAsync($"/v2/a/blobs/{image.Layers[0].Digest}");
        Assert.Equal(image.Layers[0].Digest, Digest.Of(await blob.Content.ReadAsByteArrayAsync()));
    }

    [Fact]
    public async Task A_read_only_registry_gives_and_takes_nothing()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("a", "one", "v1");
        await registry.RestartAsync(options => options with { ReadOnly = true });
        using var get = await registry.GetAsync("/v2/a/manifests/v1");
        await get.MustBeAsync(HttpStatusCode.OK);
        foreach (var (method, path) in new[]
        {
            ("POST", "/v2/a/blobs/uploads/"),
            ("PUT", "/v2/a/manifests/v2"),
            ("DELETE", "/v2/a/manifests/v1"),
            ("DELETE", $"/v2/a/blobs/{image.Config.Digest}"),
            ("POST", "/api/v1/repositories/a/tags/v1/rollback"),
        })
        {
            using var refused = await registry.SendAsync(method, path);
            await refused.MustFailAsync(HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        }
    }

    [Fact]
    public async Task One_folder_is_served_once()
    {
        await using var registry = await TestRegistry.StartAsync();
        var options = new RegistryOptions { DataDirectory = registry.DataDirectory, Listen = [new IPEndPoint(IPAddress.Loopback, 0)] };
        var refusal = await Assert.ThrowsAsync<RegistryStartException>(() => RegistryServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, TestRegistry.Stop));
        Assert.Contains(registry.DataDirectory, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_said_so_and_leaves_the_folder_free()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var folder = new TemporaryFolder();
        var options = new RegistryOptions { DataDirectory = folder.Path, Listen = [new IPEndPoint(IPAddress.Loopback, registry.Server.Addresses[0].Port)] };
        for (var i = 0; i < 2; i++)
        {
            var refusal = await Assert.ThrowsAsync<RegistryStartException>(() => RegistryServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, TestRegistry.Stop));
            Assert.Contains("in use", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_folder_with_other_things_in_it_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("Dockerfile"), "FROM scratch", TestRegistry.Stop);
        var refusal = await RefusedAsync(new RegistryOptions { DataDirectory = folder.Path, Listen = [IPEndPoint.Parse("127.0.0.1:0")] });
        Assert.Equal($"{folder.Path} is no registry's folder: it holds Dockerfile. Name an empty folder, or one that a registry was served from.", refusal);
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task An_address_of_another_machine_is_said_so()
    {
        using var folder = new TemporaryFolder();
        var refusal = await RefusedAsync(new RegistryOptions { DataDirectory = folder.Path, Listen = [IPEndPoint.Parse("192.0.2.1:0")] });
        Assert.Equal("192.0.2.1:0 is not an address of this machine. Listen on one it has, or on 0.0.0.0 for all of them.", refusal);
    }

    [Theory]
    [InlineData("/sys/strata")]
    [InlineData("/dev/null")]
    public async Task A_folder_that_cannot_be_made_is_said_so(string path)
    {
        var refusal = await RefusedAsync(new RegistryOptions { DataDirectory = path, Listen = [new IPEndPoint(IPAddress.Loopback, 0)] });
        Assert.StartsWith($"The registry's folder {path} can't be used: ", refusal, StringComparison.Ordinal);
        Assert.EndsWith("use another folder that this user may write.", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_said_so()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "needs an ordinary user");
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var refusal = await RefusedAsync(new RegistryOptions { DataDirectory = folder.Path, Listen = [new IPEndPoint(IPAddress.Loopback, 0)] });
        Assert.Contains("EACCES", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("registry.db")]
    [InlineData("blobs")]
    public async Task A_start_that_fails_names_the_folder_and_leaves_nothing_open(string damaged)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File(damaged), new string('x', 5000), TestRegistry.Stop);
        var options = new RegistryOptions { DataDirectory = folder.Path, Listen = [new IPEndPoint(IPAddress.Loopback, 0)] };
        Assert.Contains(folder.Path, await RefusedAsync(options), StringComparison.Ordinal);
        var open = new DirectoryInfo("/proc/self/fd").EnumerateFiles().Select(f => f.LinkTarget).Where(t => t?.StartsWith(folder.Path, StringComparison.Ordinal) == true);
        Assert.Empty(open);
    }

    [Theory]
    [InlineData("no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n")]
    public async Task A_certificate_that_is_none_is_said_so(string text)
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var tls = new TlsFiles(folder.File("cert.pem"), folder.File("key.pem"));
        await File.WriteAllTextAsync(tls.CertificatePath, text, TestRegistry.Stop);
        await File.WriteAllTextAsync(tls.KeyPath, key.ExportPkcs8PrivateKeyPem(), TestRegistry.Stop);
        var refusal = await RefusedAsync(new RegistryOptions { DataDirectory = folder.File("data"), Listen = [new IPEndPoint(IPAddress.Loopback, 0)], Tls = tls });
        Assert.Contains(tls.CertificatePath, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_makes_it_https()
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        var tls = new TlsFiles(folder.File("cert.pem"), folder.File("key.pem"));
        await File.WriteAllTextAsync(tls.CertificatePath, certificate.ExportCertificatePem(), TestRegistry.Stop);
        await File.WriteAllTextAsync(tls.KeyPath, key.ExportPkcs8PrivateKeyPem(), TestRegistry.Stop);
        await using var registry = await TestRegistry.StartAsync(options => options with { Tls = tls });
        Assert.Equal("https", registry.Server.Addresses[0].Scheme);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, served, _, _) => served!.GetCertHashString() == certificate.GetCertHashString();
        using var client = new HttpClient(handler) { BaseAddress = registry.Server.Addresses[0] };
        using var response = await client.GetAsync("/v2/", TestRegistry.Stop);
        await response.MustBeAsync(HttpStatusCode.OK);

        var wrong = new RegistryOptions { DataDirectory = folder.File("other"), Listen = [new IPEndPoint(IPAddress.Loopback, 0)], Tls = tls with { KeyPath = folder.File("absent.pem") } };
        var refusal = await Assert.ThrowsAsync<RegistryStartException>(() => RegistryServer.StartAsync(wrong, NullLoggerFactory.Instance, TimeProvider.System, TestRegistry.Stop));
        Assert.Contains("absent.pem", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(RegistryOptions options) =>
        (await Assert.ThrowsAsync<RegistryStartException>(() => RegistryServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, TestRegistry.Stop))).Message;
}

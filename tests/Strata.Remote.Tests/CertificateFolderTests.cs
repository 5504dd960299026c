using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Strata.Remote.Certificates;
using Strata.Remote.Configuration;
using Strata.Testing;

namespace Strata.Remote.Tests;

/// <summary>Connections in TLS to a server of this process, whose certificate an authority of this process signed.</summary>
public sealed class CertificateFolderTests : IDisposable
{
    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddDays(-1);
    private static readonly DateTimeOffset Until = From.AddDays(30);

    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _authority = Authority("CN=Test Authority");
    private readonly List<string?> _clients = [];

    public CertificateFolderTests() => _listener.Start();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Registry => _listener.LocalEndpoint.ToString()!;

    public void Dispose()
    {
        _listener.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_authority_that_was_put_down_for_the_host_is_trusted_and_no_other()
    {
        using var server = Serve("127.0.0.1");
        var error = await Assert.ThrowsAsync<RegistryException>(() => PingAsync(Reach.Usual));
        Assert.Contains("No secure connection", error.Message, StringComparison.Ordinal);
        Assert.Contains($"/etc/containers/certs.d/{Registry}/", error.Hint, StringComparison.Ordinal);

        using var stranger = Authority("CN=Stranger");
        Put("ca.crt", stranger.ExportCertificatePem());
        await Assert.ThrowsAsync<RegistryException>(() => PingAsync(Reach.Usual));

        Put("ca.crt", _authority.ExportCertificatePem());
        await PingAsync(Reach.Usual);
    }

    [Fact]
    public async Task A_certificate_of_another_host_is_refused_though_the_authority_is_right()
    {
        using var server = Serve("10.9.8.7");
        Put("ca.crt", _authority.ExportCertificatePem());
        await Assert.ThrowsAsync<RegistryException>(() => PingAsync(Reach.Usual));
    }

    [Fact]
    public async Task Not_checking_takes_any_certificate_whether_an_option_or_the_configuration_says_so()
    {
        using var server = Serve("10.9.8.7");
        await PingAsync(new Reach { IsInsecure = true });
        await PingAsync(Reach.Usual, new RegistryRules { Rules = [new RegistryRule { Prefix = Registry, IsInsecure = true }] });
    }

    [Fact]
    public async Task The_clients_own_certificate_is_shown_to_its_registry()
    {
        using var server = Serve("127.0.0.1");
        using var client = Signed("CN=alice");
        Put("ca.crt", _authority.ExportCertificatePem());
        Put("client.cert", client.ExportCertificatePem());
        Put("client.key", client.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await PingAsync(Reach.Usual);
        Assert.Contains("CN=alice", _clients);
    }

    [Fact]
    public async Task A_client_certificate_without_its_key_is_named()
    {
        using var client = Signed("CN=alice");
        Put("client.cert", client.ExportCertificatePem());
        var error = await Assert.ThrowsAsync<RegistryConfigurationException>(() => PingAsync(Reach.Usual));
        Assert.Contains("without its key; put that beside it as client.key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_certificate_is_named()
    {
        Put("ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");
        var error = await Assert.ThrowsAsync<RegistryConfigurationException>(() => PingAsync(Reach.Usual));
        Assert.Contains("ca.crt cannot be read as a certificate in PEM form", error.Message, StringComparison.Ordinal);
    }

    private async Task PingAsync(Reach reach, RegistryRules? rules = null)
    {
        using var handler = RegistryClient.CreateHandler(_ => null, new CertificateFolders([_folder.File("none"), _folder.File("certs.d")]));
        using var client = new RegistryClient(handler, new RegistryClientOptions { Rules = rules ?? RegistryRules.None });
        await client.PingAsync(Registry, reach, Stop);
    }

    private void Put(string name, string text)
    {
        var folder = _folder.File("certs.d", Registry);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name), text);
    }

    private X509Certificate2 Serve(string address)
    {
        var certificate = Signed("CN=server", address);
        _ = AcceptAsync(certificate);
        return certificate;
    }

    private async Task AcceptAsync(X509Certificate2 certificate)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(Stop);
                try
                {
                    await using var secure = new SslStream(client.GetStream());
                    await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                    {
                        ServerCertificate = certificate,
                        ClientCertificateRequired = true,
                        RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                        {
                            _clients.Add(shown?.Subject);
                            return shown is null || !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable);
                        },
                    }, Stop);
                    if (await RawRequest.ReadAsync(secure, Stop) is not null)
                    {
                        await RawHttpServer.AnswerAsync(secure, "200 OK", "{}"u8.ToArray());
                    }
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The client does not trust us.
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(From, Until);
    }

    private X509Certificate2 Signed(string name, string? address = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(address is null ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
        }
        using var signed = request.Create(_authority, From, Until, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Strata.EndToEnd;

/// <summary>
/// The same file on newer Debian systems, whose nsswitch.conf names modules that a static program of another glibc must not
/// load: names are resolved, TLS is checked against the system's authorities, images are pulled, built and run.
/// </summary>
public sealed class OtherSystems
{
    private const string RegistryName = "registry.strata.test";
    private static readonly TimeSpan TimeToMake = TimeSpan.FromMinutes(6);

    [Theory]
    [InlineData("trixie")]
    [InlineData("sid")]
    public async Task It_pulls_by_name_over_TLS_builds_and_runs_there(string release)
    {
        Assert.SkipUnless(Command.Exists("mmdebstrap"), "mmdebstrap is not installed");
        await using var place = await Workplace.OpenAsync();
        var tree = await MakeTreeAsync(place, release);
        var (authority, certificate, key) = MakeCertificates(place);
        File.AppendAllText(Path.Combine(tree, "etc/ssl/certs/ca-certificates.crt"), File.ReadAllText(authority));
        File.AppendAllText(Path.Combine(tree, "etc/hosts"), $"127.0.0.1 localhost {RegistryName}\n");
        File.WriteAllText(Path.Combine(tree, "etc/nsswitch.conf"), "passwd: files systemd\ngroup: files systemd\nhosts: files myhostname resolve [!UNAVAIL=return] dns\n");
        File.Copy(Workplace.Executable, Path.Combine(tree, "usr/bin/strata"));

        // Pushed over plain HTTP from here, pulled over TLS from there; one registry after the other over the same folder.
        var plain = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", Workplace.Base, $"{plain}/base:1")).Succeeded();
        (await place.StrataAsync("push", $"{plain}/base:1")).Succeeded();
        await place.StopAllAsync();
        var port = (await RegistryProcess.StartOwnAsync(place, "registry", "--tls-cert", certificate, "--tls-key", key)).Split(':')[^1];

        var image = $"{RegistryName}:{port}/base:1";
        (await InAsync(tree, "strata", "pull", image)).Succeeded();
        Directory.CreateDirectory(Path.Combine(tree, "srv/app"));
        File.WriteAllText(Path.Combine(tree, "srv/app/Dockerfile"), $"FROM {image}\nRUN echo built-on-{release} > /where && chown app /where\nUSER app\nCMD [\"cat\", \"/where\"]\n");
        (await InAsync(tree, "strata", "build", "-t", "app", "/srv/app")).Succeeded();
        Assert.Equal($"built-on-{release}\n", (await InAsync(tree, "strata", "run", "--rm", "app")).Succeeded().Output);
        (await InAsync(tree, "strata", "pull", "no-such-host.strata.test/x:1")).FailedSaying("no-such-host.strata.test");
    }

    private static Task<CommandResult> InAsync(string tree, params string[] command) =>
        Command.RunAsync("bash", [Path.Combine(AppContext.BaseDirectory, "enter-tree.sh"), tree, .. command], new Dictionary<string, string>
        {
            ["SSL_CERT_FILE"] = "",
            ["SSL_CERT_DIR"] = "",
            ["STRATA_ROOT"] = "/var/lib/strata",
            ["NO_COLOR"] = "1",
        });

    private static async Task<string> MakeTreeAsync(Workplace place, string release)
    {
        var tree = place.PathOf("tree-" + release);
        (await Command.RunAsync(
            "mmdebstrap",
            // An index of sid that a mirror keeps for long is past its date.
            ["--quiet", "--variant=minbase", "--include=ca-certificates,crun,libnss-myhostname,libnss-resolve,libnss-systemd", "--aptopt=Acquire::Check-Valid-Until \"false\"", release, tree],
            limit: TimeToMake)).Succeeded();
        return tree;
    }

    private static (string Authority, string Certificate, string Key) MakeCertificates(Workplace place)
    {
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Strata test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var authority = authorityRequest.CreateSelfSigned(from, from.AddDays(30));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={RegistryName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(RegistryName);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, from, from.AddDays(20), [1, 2, 3, 4]);
        return (Write("authority.pem", authority.ExportCertificatePem() + "\n"), Write("server.pem", certificate.ExportCertificatePem() + "\n"), Write("server.key", key.ExportPkcs8PrivateKeyPem() + "\n"));

        string Write(string name, string text)
        {
            File.WriteAllText(place.PathOf(name), text);
            return place.PathOf(name);
        }
    }
}

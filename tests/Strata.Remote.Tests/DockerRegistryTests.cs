using System.Diagnostics;
using System.Net;
using Strata.Content;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Remote.Certificates;
using Strata.Remote.Credentials;
using Strata.Testing;

namespace Strata.Remote.Tests;

/// <summary>The contract of media over the wire, against the registry that Docker's is made of, with a password.</summary>
public sealed class DockerRegistryTests : ImageMediumContract, IAsyncLifetime
{
    private const string Program = "/usr/bin/docker-registry";
    private readonly TemporaryFolder _folder = new();
    private readonly HttpMessageHandler _handler = RegistryClient.CreateHandler(_ => null, CertificateFolders.None);
    private Process? _registry;
    private string _host = "";
    private int _repositories;

    /// <summary>It answers 400: the digest it makes itself, a sha256, is another.</summary>
    protected override bool KeepsManifestsBySha512 => false;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("STRATA_E2E") == "1", "STRATA_E2E is not 1");
        Assert.SkipUnless(File.Exists(Program) && File.Exists("/usr/bin/htpasswd"), "docker-registry and htpasswd are not installed");
        using (var htpasswd = Process.Start(new ProcessStartInfo("htpasswd", ["-Bbc", _folder.File("users"), "alice", "open sesame"]) { RedirectStandardError = true })!)
        {
            await htpasswd.WaitForExitAsync(Stop);
        }
        await File.WriteAllTextAsync(_folder.File("config.yml"), $$"""
            version: 0.1
            log: { level: info, accesslog: { disabled: true } }
            storage: { filesystem: { rootdirectory: {{_folder.File("data")}} }, delete: { enabled: true } }
            http: { addr: "127.0.0.1:0" }
            auth: { htpasswd: { realm: test, path: {{_folder.File("users")}} } }
            """, Stop);
        _registry = Process.Start(new ProcessStartInfo(Program, ["serve", _folder.File("config.yml")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _host = await AddressInLogAsync(_registry).WaitAsync(Stop);
    }

    public ValueTask DisposeAsync()
    {
        if (_registry is { HasExited: false })
        {
            _registry.Kill();
        }
        _registry?.Dispose();
        _handler.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task<(IImageReader Reader, IImageWriter Writer)> CreateAsync()
    {
        var repository = Client(new Secret("open sesame")).Repository(_host, RepositoryName.Parse($"app{_repositories++}"));
        return Task.FromResult<(IImageReader, IImageWriter)>((repository, repository));
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_the_right_one_is_not()
    {
        await Client(new Secret("open sesame")).PingAsync(_host, Reach.Usual, Stop);
        var error = await Assert.ThrowsAsync<RegistryException>(() => Client(new Secret("open barley")).PingAsync(_host, Reach.Usual, Stop));
        Assert.Equal(HttpStatusCode.Unauthorized, error.Status);
        Assert.Contains($"strata login {_host}", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blobs_are_mounted_tags_listed_and_manifests_deleted()
    {
        var (reader, writer) = await CreateAsync();
        var source = (RemoteRepository)writer;
        var image = RandomImage.Create(1, layers: 3);
        foreach (var tag in new[] { "a", "b", "c" })
        {
            await image.WriteAsync(source, Tag.Parse(tag), Stop);
        }
        Assert.Equal(["a", "b", "c"], await source.ListTagsAsync(Stop).Select(t => t.ToString()).Order().ToListAsync(Stop));
        var target = Client(new Secret("open sesame")).Repository(_host, RepositoryName.Parse("other")).MountingFrom(_ => source.Name);
        var copied = await ImageCopy.CopyAsync(reader, target, ManifestKey.ByTag(Tag.Parse("a")), new CopyOptions { Tag = Tag.Latest }, null, Stop);
        Assert.IsType<CopyResult.Copied>(copied);
        await ImageAssert.Valid(target, ManifestKey.ByTag(Tag.Latest), Stop);
        Assert.True(await target.DeleteManifestAsync(ManifestKey.ByDigest(image.Manifest.Digest), Stop));
        Assert.Null(await target.GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop));
    }

    private RegistryClient Client(Secret password) => new(_handler, new RegistryClientOptions { Credentials = new GivenCredential(_host, new Credential.Basic("alice", password)) });

    // The port is the registry's own, and nobody else's, once it says so.
    private static Task<string> AddressInLogAsync(Process registry)
    {
        const string Listening = "msg=\"listening on ";
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is not { } line)
            {
                address.TrySetException(new InvalidOperationException("docker-registry ended before it listened"));
            }
            else if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
            {
                address.TrySetResult(line[(at + Listening.Length)..].Split('"')[0]);
            }
        };
        registry.BeginErrorReadLine();
        registry.BeginOutputReadLine();
        return address.Task;
    }
}

using System.Diagnostics;
using System.Text.Json;
using Strata.Content;
using Strata.Remote.Credentials;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;

namespace Strata.Remote.Tests;

public sealed class DockerConfigFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private string? _programs;

    private string FilePath => _folder.File("docker", "config.json");

    private DockerConfigFile File => new(FilePath, _programs);

    private CredentialProgram Program => new("strata-test", "config.json", _programs);

    private static LoginName Registry => new(Host);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"auths":{"registry.example":{"auth":"YWxpY2U6b3BlbjpzZXNhbWU="}}}""", "registry.example")]
    [InlineData("""{"auths":{"https://registry.example/v2/":{"auth":"YWxpY2U6b3BlbjpzZXNhbWU="}}}""", "registry.example")]
    [InlineData("""{"auths":{"https://index.docker.io/v1/":{"auth":"YWxpY2U6b3BlbjpzZXNhbWU="}}}""", "docker.io")]
    [InlineData("""{"auths":{"docker.io":{"username":"alice","password":"open:sesame"}}}""", "docker.io")]
    public async Task A_login_is_found_under_each_form_of_its_registry(string json, string registry)
    {
        Put(json);
        var found = Assert.IsType<Credential.Basic>(await File.FindAsync(registry, Stop));
        Assert.Equal(("alice", "open:sesame"), (found.UserName, found.Password.Reveal()));
        Assert.Null(await File.FindAsync("other.example", Stop));
    }

    [Fact]
    public async Task An_identity_token_is_preferred()
    {
        Put("""{"auths":{"registry.example":{"auth":"YWxpY2U6","identitytoken":"tok"}}}""");
        Assert.Equal("tok", Assert.IsType<Credential.IdentityToken>(await File.FindAsync(Host, Stop)).Token.Reveal());
    }

    [Fact]
    public async Task Login_and_logout_leave_all_else_as_it_was()
    {
        Put("""{"auths":{"https://registry.example":{"auth":"eDp5"},"other.example":{"auth":"eDp5"}},"HttpHeaders":{"X":"é"},"psFormat":"t+"}""");
        Assert.Equal(FilePath, await File.LoginAsync(Registry, Alice, token: null, Stop));
        Assert.Equal("open sesame", Assert.IsType<Credential.Basic>(await File.FindAsync(Host, Stop)).Password.Reveal());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(FilePath));
        using (var config = JsonDocument.Parse(await System.IO.File.ReadAllBytesAsync(FilePath, Stop)))
        {
            Assert.Equal(["other.example", Host], config.RootElement.GetProperty("auths").EnumerateObject().Select(p => p.Name));
            Assert.Equal("é", config.RootElement.GetProperty("HttpHeaders").GetProperty("X").GetString());
            Assert.Equal("t+", config.RootElement.GetProperty("psFormat").GetString());
        }
        Assert.True(await File.LogoutAsync(Registry, Stop));
        Assert.False(await File.LogoutAsync(Registry, Stop));
        Assert.Null(await File.FindAsync(Host, Stop));
        Assert.NotNull(await File.FindAsync("other.example", Stop));
    }

    [Fact]
    public async Task A_first_login_makes_the_file_and_a_link_stays_a_link()
    {
        await File.LoginAsync(new LoginName("docker.io"), Alice, token: null, Stop);
        Assert.Contains("https://index.docker.io/v1/", await System.IO.File.ReadAllTextAsync(FilePath, Stop), StringComparison.Ordinal);
        var link = _folder.File("link.json");
        System.IO.File.CreateSymbolicLink(link, FilePath);
        await new DockerConfigFile(link, _programs).LoginAsync(Registry, Alice, token: null, Stop);
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.NotNull(await File.FindAsync(Host, Stop));
    }

    [Fact]
    public async Task Logins_and_logouts_at_once_are_all_kept()
    {
        Put("""{"auths":{"gone-0.example":{"auth":"eDp5"},"gone-1.example":{"auth":"eDp5"},"stays.example":{"auth":"eDp5"}}}""");
        var link = _folder.File("link.json");
        System.IO.File.CreateSymbolicLink(link, FilePath);
        var names = Enumerable.Range(0, 8).Select(i => $"registry-{i}.example").ToList();
        using var start = new Barrier(10);
        Task AtOnceAsync(Func<DockerConfigFile, Task> change, string path) => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Stop);
                return change(new DockerConfigFile(path, _programs));
            },
            Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        await Task.WhenAll(
        [
            .. names.Select((name, i) => AtOnceAsync(
                file => file.LoginAsync(new LoginName(name), Alice, token: null, Stop), i % 2 == 0 ? FilePath : link)),
            .. Enumerable.Range(0, 2).Select(i => AtOnceAsync(
                file => file.LogoutAsync(new LoginName($"gone-{i}.example"), Stop), FilePath)),
        ]);
        using var config = JsonDocument.Parse(await System.IO.File.ReadAllBytesAsync(FilePath, Stop));
        var kept = config.RootElement.GetProperty("auths").EnumerateObject().Select(p => p.Name);
        Assert.Equal([.. names, "stays.example"], kept.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_takes_no_file_is_told_by_the_write_and_not_by_the_lock()
    {
        // Root may write in any folder but those of the kernel.
        var file = new DockerConfigFile("/proc/self/config.json", _programs);
        var error = await Assert.ThrowsAnyAsync<IOException>(() => file.LoginAsync(Registry, Alice, token: null, Stop));
        Assert.Contains("/proc/self", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".lock", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_logout_where_there_is_no_login_makes_no_file()
    {
        Assert.False(await File.LogoutAsync(Registry, Stop));
        Assert.Equal(0, await File.LogoutAllAsync(Stop));
        Assert.False(Directory.Exists(Path.GetDirectoryName(FilePath)));
        Put("""{"auths":{"other.example":{"auth":"eDp5"}}}""");
        Assert.False(await File.LogoutAsync(Registry, Stop));
        Assert.Equal([FilePath], Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"auths":{"registry.example":{"auth":"!!"}}}""")]
    public async Task A_broken_file_is_named_and_not_overwritten(string json)
    {
        Put(json);
        var error = await Assert.ThrowsAsync<CredentialException>(async () => await File.FindAsync(Host, Stop));
        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Equal(json, await System.IO.File.ReadAllTextAsync(FilePath, Stop));
    }

    [Fact]
    public async Task A_credential_helper_is_asked_and_told()
    {
        var log = _folder.File("log");
        await InstallHelperAsync($$"""
            input=$(cat)
            echo "$1 $input" >> {{log}}
            case "$1 $input" in
              "get registry.example") echo '{"ServerURL":"registry.example","Username":"<token>","Secret":"tok"}' ;;
              get*) echo 'credentials not found in native keychain'; exit 1 ;;
            esac
            """);
        Put("""{"credsStore":"strata-test"}""");
        Assert.Equal("tok", Assert.IsType<Credential.IdentityToken>(await File.FindAsync(Host, Stop)).Token.Reveal());
        Assert.Null(await File.FindAsync("other.example", Stop));
        Assert.Equal("docker-credential-strata-test", await File.LoginAsync(Registry, Alice, token: null, Stop));
        Assert.True(await File.LogoutAsync(Registry, Stop));
        var told = await System.IO.File.ReadAllTextAsync(log, Stop);
        Assert.Contains("""store {"ServerURL":"registry.example","Username":"alice","Secret":"open sesame"}""", told, StringComparison.Ordinal);
        Assert.Contains("erase registry.example", told, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", await System.IO.File.ReadAllTextAsync(FilePath, Stop), StringComparison.Ordinal);
        Put("""{"credsStore":"not-installed"}""");
        var error = await Assert.ThrowsAsync<CredentialException>(async () => await File.FindAsync(Host, Stop));
        Assert.Contains("docker-credential-not-installed, which is not installed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_kept_instead_of_the_password_and_found_again()
    {
        await File.LoginAsync(Registry, Alice, new Credential.IdentityToken(new Secret("tok")), Stop);
        Assert.Equal("tok", Assert.IsType<Credential.IdentityToken>(await File.FindAsync(Host, Stop)).Token.Reveal());
        using var config = JsonDocument.Parse(await System.IO.File.ReadAllBytesAsync(FilePath, Stop));
        var entry = config.RootElement.GetProperty("auths").GetProperty(Host);
        // As docker writes it: the name, and nothing behind the colon.
        Assert.Equal("alice:", System.Text.Encoding.UTF8.GetString(entry.GetProperty("auth").GetBytesFromBase64()));
        Assert.Equal("tok", entry.GetProperty("identitytoken").GetString());
    }

    [Fact]
    public async Task Helpers_forget_all_that_they_keep()
    {
        var log = _folder.File("log");
        await InstallHelperAsync($$"""
            input=$(cat)
            echo "$1 $input" >> {{log}}
            [ "$1" != list ] || echo '{"a.example":"x","b.example":"y"}'
            """);
        Put("""{"credsStore":"strata-test","credHelpers":{"c.example":"strata-test"},"auths":{"a.example":{},"d.example":{"auth":"eDp5"}},"psFormat":"t"}""");
        Assert.Equal(4, await File.LogoutAllAsync(Stop));
        Assert.Equal(["erase c.example", "list ", "erase a.example", "erase b.example"], await System.IO.File.ReadAllLinesAsync(log, Stop));
        Assert.Equal("t", JsonDocument.Parse(await System.IO.File.ReadAllBytesAsync(FilePath, Stop)).RootElement.GetProperty("psFormat").GetString());
    }

    [Fact]
    public async Task Helpers_that_registries_conf_names_are_asked_in_its_order_and_what_fails_is_gone_round()
    {
        var log = _folder.File("log");
        await InstallHelperAsync($$"""
            input=$(cat)
            echo "$1 $input" >> {{log}}
            case "$1 $input" in
              "get registry.example") echo '{"Username":"helped","Secret":"x"}' ;;
              get*) echo 'credentials not found in native keychain'; exit 1 ;;
            esac
            """);
        Put("""{"auths":{"registry.example":{"auth":"ZmlsZTp4"},"other.example":{"auth":"ZmlsZTp4"}}}""");
        var files = new CredentialFiles([File]);
        Assert.Equal("helped", await UserAsync(new MachineLogins(files, ["strata-test", "containers-auth.json"], _programs), Host));
        Assert.Equal("file", await UserAsync(new MachineLogins(files, ["strata-test", "containers-auth.json"], _programs), "other.example"));
        Assert.Equal("file", await UserAsync(new MachineLogins(files, ["containers-auth.json", "strata-test"], _programs), Host));
        Assert.Null(await UserAsync(new MachineLogins(files, ["strata-test"], _programs), "other.example"));
        Assert.Equal("file", await UserAsync(new MachineLogins(files, ["not-installed", "containers-auth.json"], _programs), Host));
        var error = await Assert.ThrowsAsync<CredentialException>(() => UserAsync(new MachineLogins(files, ["not-installed", "strata-test"], _programs), "other.example"));
        Assert.Equal("The logins are kept by docker-credential-not-installed, which is not installed; install it, or take it out of registries.conf.", error.Message);

        Assert.Equal("docker-credential-strata-test", await new MachineLogins(files, ["strata-test"], _programs).LoginAsync(Registry, Alice, token: null, Stop));
        Assert.Contains("\"Username\":\"alice\"", await System.IO.File.ReadAllTextAsync(log, Stop), StringComparison.Ordinal);
        var path = new LoginName(Host, Oci.RepositoryName.Parse("team"));
        var refused = await Assert.ThrowsAsync<CredentialException>(() => new MachineLogins(files, ["strata-test"], _programs).LoginAsync(path, Alice, token: null, Stop));
        Assert.Contains("whole registries only", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_helper_that_cannot_forget_is_told_of_and_one_that_knows_nobody_is_not()
    {
        await InstallHelperAsync("""
            [ "$(cat)" = registry.example ] && echo 'the keyring is locked' || echo 'credentials not found in native keychain'
            exit 1
            """);
        Put("""{"credsStore":"strata-test","auths":{"registry.example":{"auth":"eDp5"}}}""");
        var error = await Assert.ThrowsAsync<CredentialException>(() => File.LogoutAsync(Registry, Stop));
        Assert.Equal("docker-credential-strata-test erase failed: the keyring is locked", error.Message);
        Assert.DoesNotContain("eDp5", await System.IO.File.ReadAllTextAsync(FilePath, Stop), StringComparison.Ordinal);
        Assert.False(await File.LogoutAsync(new LoginName("other.example"), Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_helper_that_is_not_installed_keeps_no_other_place_from_forgetting(bool all)
    {
        Put("""{"credsStore":"not-installed","auths":{"registry.example":{"auth":"eDp5"}}}""");
        var other = new DockerConfigFile(_folder.File("other.json"), _programs);
        await other.LoginAsync(Registry, Alice, token: null, Stop);
        var logins = new MachineLogins(new CredentialFiles([File, other]), ["not-installed", "containers-auth.json"], _programs);
        var error = await Assert.ThrowsAsync<CredentialException>(() => all ? logins.LogoutAllAsync(Stop) : (Task)logins.LogoutAsync(Registry, Stop));
        Assert.Contains("docker-credential-not-installed, which is not installed", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("eDp5", await System.IO.File.ReadAllTextAsync(FilePath, Stop), StringComparison.Ordinal);
        Assert.Null(await other.FindAsync(Host, Stop));
    }

    private static async Task<string?> UserAsync(MachineLogins logins, string registry) =>
        (await logins.FindAsync(new LoginName(registry), Stop) as Credential.Basic)?.UserName;

    [Fact]
    public async Task A_credential_helper_ends_with_the_wait_for_it()
    {
        var started = _folder.File("started");
        using (var mkfifo = Process.Start("mkfifo", [started]))
        {
            await mkfifo.WaitForExitAsync(Stop);
        }
        await InstallHelperAsync($"echo $$ > {started}; sleep 600; exit 0");
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var asking = Program.FindAsync(Host, giveUp.Token);
        var pid = (await System.IO.File.ReadAllTextAsync(started, Stop)).Trim();
        Assert.True(Directory.Exists($"/proc/{pid}"));
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Theory]
    [InlineData("exit 0", "ended without reading what it was given")]
    [InlineData("echo no keyring >&2; exit 1", "store failed: no keyring")]
    public async Task A_credential_helper_that_does_not_read_is_said_so(string script, string sentence)
    {
        await InstallHelperAsync(script);
        var secret = new Secret(new string('x', 1_000_000));
        var error = await Assert.ThrowsAsync<CredentialException>(() => Program.StoreAsync(Host, new Credential.Basic("alice", secret), Stop));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_where_the_variables_say()
    {
        Assert.Equal("/a", Locate(("REGISTRY_AUTH_FILE", "/a"), ("DOCKER_CONFIG", "/d"), ("HOME", "/h")));
        Assert.Equal("/d/config.json", Locate(("DOCKER_CONFIG", "/d"), ("HOME", "/h")));
        Assert.Equal("/h/.docker/config.json", Locate(("HOME", "/h")));
    }

    private static string Locate(params (string Name, string Value)[] variables) =>
        DockerConfigFile.Locate(name => variables.FirstOrDefault(v => v.Name == name).Value).Path;

    [Theory]
    [InlineData("")]
    [InlineData(".:")]
    public async Task A_credential_helper_is_looked_for_in_the_absolute_folders_of_PATH_alone(string path)
    {
        var name = $"decoy-{Guid.NewGuid():N}";
        var decoy = Path.Combine(Environment.CurrentDirectory, $"docker-credential-{name}");
        await System.IO.File.WriteAllTextAsync(decoy, $"#!/bin/sh\ntouch {_folder.File("ran")}\necho '{{}}'\n", Stop);
        System.IO.File.SetUnixFileMode(decoy, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            var error = await Assert.ThrowsAsync<CredentialException>(() => new CredentialProgram(name, "config.json", path).FindAsync(Host, Stop));
            Assert.Contains("is not installed", error.Message, StringComparison.Ordinal);
            Assert.False(System.IO.File.Exists(_folder.File("ran")));
        }
        finally
        {
            System.IO.File.Delete(decoy);
        }
    }

    private async Task InstallHelperAsync(string script)
    {
        var program = _folder.File("docker-credential-strata-test");
        await System.IO.File.WriteAllTextAsync(program, $"#!/bin/sh\n{script}\n", Stop);
        System.IO.File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _programs = $"relative:{_folder.Path}";
    }

    private void Put(string json)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        System.IO.File.WriteAllText(FilePath, json);
    }
}

using Strata.Oci;
using Strata.Remote.Credentials;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;

namespace Strata.Remote.Tests;

public sealed class CredentialFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Dockers_logins_come_first_then_podmans_of_the_session_then_the_lasting_ones()
    {
        Put("run/containers/auth.json", "both.example", "session");
        Put("home/.config/containers/auth.json", "both.example", "lasting");
        Put("home/.config/containers/auth.json.other", "both.example", "nobody");
        Assert.Equal("session", await UserAsync("both.example"));
        Put("home/.docker/config.json", "both.example", "docker");
        Assert.Equal("docker", await UserAsync("both.example"));
        Put("run/containers/auth.json", "session.example", "session");
        Put("home/.config/containers/auth.json", "lasting.example", "lasting");
        Assert.Equal("session", await UserAsync("session.example"));
        Assert.Equal("lasting", await UserAsync("lasting.example"));
        Assert.Null(await UserAsync("nowhere.example"));
    }

    [Fact]
    public async Task One_file_may_be_named_alone()
    {
        Put("home/.docker/config.json", "both.example", "docker");
        Put("named.json", "other.example", "named");
        var files = Locate(("REGISTRY_AUTH_FILE", _folder.File("named.json")));
        Assert.Null(await files.FindAsync(new LoginName("both.example"), Stop));
        Assert.NotNull(await files.FindAsync(new LoginName("other.example"), Stop));
    }

    [Fact]
    public async Task Logging_out_forgets_in_all_of_them()
    {
        Put("home/.docker/config.json", "both.example", "docker");
        Put("run/containers/auth.json", "both.example", "session");
        Assert.True(await Locate().LogoutAsync(new LoginName("both.example"), Stop));
        Assert.Null(await UserAsync("both.example"));
        Assert.False(await Locate().LogoutAsync(new LoginName("both.example"), Stop));
    }

    [Fact]
    public async Task The_login_for_the_most_exact_name_counts_in_whichever_file_it_is()
    {
        Put("home/.docker/config.json", "quay.example", "registry");
        Put("run/containers/auth.json", "quay.example/org", "organisation");
        Put("home/.config/containers/auth.json", "quay.example/org/app", "repository");
        Assert.Equal("repository", await UserAsync("quay.example/org/app"));
        Assert.Equal("organisation", await UserAsync("quay.example/org/other"));
        Assert.Equal("organisation", await UserAsync("quay.example/org"));
        Assert.Equal("registry", await UserAsync("quay.example/organisation"));
        Assert.Equal("registry", await UserAsync("quay.example"));
    }

    [Fact]
    public async Task A_login_for_a_path_is_kept_and_forgotten_beside_the_registrys()
    {
        Put("home/.docker/config.json", "quay.example", "registry");
        var files = Locate();
        await files.LoginAsync(new LoginName("quay.example", RepositoryName.Parse("org")), Alice, token: null, Stop);
        Assert.Equal("alice", await UserAsync("quay.example/org/app"));
        Assert.Equal("registry", await UserAsync("quay.example"));
        Assert.True(await files.LogoutAsync(new LoginName("quay.example", RepositoryName.Parse("org")), Stop));
        Assert.Equal("registry", await UserAsync("quay.example/org/app"));
    }

    [Fact]
    public async Task All_logins_of_all_files_are_forgotten_at_once()
    {
        Put("home/.docker/config.json", "a.example", "x");
        Put("run/containers/auth.json", "b.example/org", "x");
        Put("home/.config/containers/auth.json", "c.example", "x");
        Assert.Equal(3, await Locate().LogoutAllAsync(Stop));
        Assert.Null(await UserAsync("a.example"));
        Assert.Null(await UserAsync("b.example/org"));
        Assert.Null(await UserAsync("c.example"));
        Assert.Equal(0, await Locate().LogoutAllAsync(Stop));
    }

    [Theory]
    [InlineData("registry.example:5000", "registry.example:5000")]
    [InlineData("https://registry.example/", "registry.example")]
    [InlineData("https://index.docker.io/v1/", "docker.io")]
    [InlineData("registry-1.docker.io", "docker.io")]
    [InlineData("quay.example/org/app", "quay.example/org/app")]
    [InlineData("[::1]:5000", "[::1]:5000")]
    [InlineData("quay.example/Org", null)]
    [InlineData("alice@quay.example", null)]
    [InlineData("/org", null)]
    [InlineData("", null)]
    public void What_a_login_is_for_is_read(string text, string? expected) =>
        Assert.Equal(expected, LoginName.TryParse(text, out var name) ? name.ToString() : null);

    private async Task<string?> UserAsync(string name)
    {
        Assert.True(LoginName.TryParse(name, out var parsed));
        return (await Locate().FindAsync(parsed, Stop) as Credential.Basic)?.UserName;
    }

    private CredentialFiles Locate(params (string Name, string Value)[] variables) => CredentialFiles.Locate(
        name => name switch
        {
            "HOME" => _folder.File("home"),
            "XDG_RUNTIME_DIR" => _folder.File("run"),
            _ => variables.FirstOrDefault(v => v.Name == name).Value,
        }, 0);

    private void Put(string path, string registry, string user)
    {
        var file = _folder.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $$"""{"auths": {"{{registry}}": {"username": "{{user}}", "password": "x"} } }""");
    }
}

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
        Assert.Null(await files.FindAsync("both.example", Stop));
        Assert.NotNull(await files.FindAsync("other.example", Stop));
    }

    [Fact]
    public async Task Logging_out_forgets_in_all_of_them()
    {
        Put("home/.docker/config.json", "both.example", "docker");
        Put("run/containers/auth.json", "both.example", "session");
        Assert.True(await Locate().LogoutAsync("both.example", Stop));
        Assert.Null(await UserAsync("both.example"));
        Assert.False(await Locate().LogoutAsync("both.example", Stop));
    }

    private async Task<string?> UserAsync(string registry) => (await Locate().FindAsync(registry, Stop) as Credential.Basic)?.UserName;

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

using Strata.Oci;
using Strata.Remote.Configuration;
using Strata.Testing;

namespace Strata.Remote.Tests;

public sealed class RegistriesConfTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_longest_prefix_says_where_images_are_read_and_mirrors_come_first()
    {
        var rules = Parse("""
            unqualified-search-registries = ["quay.io", "docker.io"] # not used
            [[registry]]
            location = "registry.example"
            insecure = true

            [[registry]]
            prefix = "registry.example/team"
            location = "inner.example:5000/copies"

            [[registry.mirror]]
            location = "near.example/team"
            insecure = true
            [[registry.mirror]]
            location = "far.example"
            pull-from-mirror = "digest-only"

            [[registry]]
            prefix = "*.wild.example"
            blocked = true
            """);
        Assert.Equal(["registry.example/other insecure All"], Routes(rules, "registry.example", "other"));
        Assert.Equal(
            ["near.example/team/app insecure All", "far.example/app DigestsOnly", "inner.example:5000/copies/app All"],
            Routes(rules, "registry.example", "team/app"));
        // A name that only begins alike, and the wildcard's own domain, are others.
        Assert.Equal(["registry.example/teamwork insecure All"], Routes(rules, "registry.example", "teamwork"));
        Assert.Equal(["wild.example/a All"], Routes(rules, "wild.example", "a"));
        Assert.Equal(["registry.example:5000/a All"], Routes(rules, "registry.example:5000", "a"));
        var error = Assert.Throws<RegistryException>(() => Routes(rules, "a.b.wild.example", "x"));
        Assert.Equal("*.wild.example is blocked by test.conf.", error.Message);
        // Redirection is for reading alone.
        Assert.Equal(new RegistryRoute("registry.example", RepositoryName.Parse("team/app"), false), rules.DirectRouteOf("registry.example", RepositoryName.Parse("team/app")));
    }

    [Fact]
    public void Docker_hubs_own_address_is_docker_hub()
    {
        var rules = Parse("""
            [[registry]]
            prefix = "docker.io"
            location = "registry-1.docker.io"
            mirror = [{ location = "mirror.example:5000" }]
            """);
        Assert.Equal(["mirror.example:5000/library/node All", "docker.io/library/node All"], Routes(rules, "docker.io", "library/node"));
    }

    [Fact]
    public void All_mirrors_may_be_for_digests_only()
    {
        var rules = Parse("""
            [[registry]]
            prefix = "a.example"
            mirror-by-digest-only = true
            [[registry.mirror]]
            location = "b.example"
            """);
        Assert.Equal(["b.example/x DigestsOnly", "a.example/x All"], Routes(rules, "a.example", "x"));
    }

    [Fact]
    public void The_old_form_is_read_too()
    {
        var rules = Parse("""
            [registries.search]
            registries = ['docker.io']
            [registries.insecure]
            registries = ['plain.example:5000']
            [registries.block]
            registries = ['bad.example']
            """);
        Assert.True(rules.IsInsecure("plain.example:5000"));
        Assert.False(rules.IsInsecure("docker.io"));
        Assert.Throws<RegistryException>(() => Routes(rules, "bad.example", "x"));
    }

    [Theory]
    [InlineData("ubi9", "registry.access.redhat.com/ubi9")]
    [InlineData("ubi9:9.4", "registry.access.redhat.com/ubi9:9.4")]
    [InlineData("alpine:3", "alpine:3")]
    [InlineData("gone", "gone")]
    [InlineData("docker.io/library/ubi9", "ubi9")]
    public void Short_names_have_aliases_and_else_are_docker_hubs(string text, string expected)
    {
        var rules = Parse("""
            short-name-mode = "enforcing"
            [aliases]
            "ubi9" = "registry.access.redhat.com/ubi9"
            "gone" = ""
            """);
        Assert.True(rules.TryParseName(text, out var reference, out _));
        Assert.Equal(expected, reference.Familiar);
    }

    [Fact]
    public void Credential_helpers_are_read_and_a_later_files_list_stands_alone()
    {
        var first = Parse("credential-helpers = [\"secretservice\", \"containers-auth.json\"]");
        Assert.Equal(["secretservice", "containers-auth.json"], first.CredentialHelpers);
        Assert.Equal(first.CredentialHelpers, first.With(Parse("[[registry]]\nlocation = 'a.example'")).CredentialHelpers);
        Assert.Equal(["pass"], first.With(Parse("credential-helpers = ['pass']")).CredentialHelpers);
        Assert.Throws<RegistryConfigurationException>(() => Parse("credential-helpers = 'pass'"));
    }

    [Theory]
    [InlineData("[[registry]\nlocation = 'x'", "test.conf, line 1: ']' is missing")]
    [InlineData("a = 1\n\nb = nonsense", "test.conf, line 3: 'nonsense' is no value")]
    [InlineData("a = \"open", "test.conf, line 1: a text has no end")]
    [InlineData("a = 1\na = 2", "test.conf, line 2: 'a' is set twice")]
    [InlineData("a = 1 b = 2", "test.conf, line 1: 'b' is not expected here")]
    [InlineData("[[registry]]\nlocation = 5", "test.conf: 'location' should be a text in quotes")]
    [InlineData("[[registry]]\ninsecure = true", "needs a prefix")]
    [InlineData("[[registry]]\nprefix = 'a.*.example'", "'a.*.example' is none")]
    [InlineData("[[registry]]\nprefix = 'a.example/b:v1'", "names one tag or digest")]
    [InlineData("[[registry]]\nprefix = 'a.example'\ninsecure = 'yes'", "'insecure' should be true or false")]
    [InlineData("[[registry]]\nprefix = 'a.example'\n[[registry.mirror]]\nlocation = 'b'\npull-from-mirror = 'often'", "not 'often'")]
    public void What_is_wrong_is_said_with_its_line(string text, string message)
    {
        var error = Assert.Throws<RegistryConfigurationException>(() => Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_all_kinds_are_read()
    {
        var table = TomlReader.Read("""
            # comment
            plain = 'C:\path' # more
            escaped = "tab\t quote\" \u00e9"
            long = '''
            two
            lines'''
            "quoted key".inner = -1_000
            list = [ "a", # first
              "b",
            ]
            inline = { x = true, y.z = [ [1], [2, 3] ] }
            empty = {}
            """, "test.toml");
        Assert.Equal(@"C:\path", table["plain"]);
        Assert.Equal("tab\t quote\" é", table["escaped"]);
        Assert.Equal("two\nlines", ((string)table["long"]).ReplaceLineEndings("\n"));
        Assert.Equal(-1000L, ((Dictionary<string, object>)table["quoted key"])["inner"]);
        Assert.Equal(["a", "b"], (List<object>)table["list"]);
        Assert.True((bool)((Dictionary<string, object>)table["inline"])["x"]);
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Throws<RegistryConfigurationException>(() => TomlReader.Read("a = " + new string('[', 100_000), "x"));

    [Fact]
    public void The_users_file_replaces_the_machines_and_drop_ins_come_on_top()
    {
        Put("etc/registries.conf", "[[registry]]\nlocation = 'a.example'\ninsecure = true");
        Put("etc/registries.conf.d/10.conf", "[[registry]]\nlocation = 'b.example'\ninsecure = true");
        Put("etc/registries.conf.d/20.conf", "[[registry]]\nlocation = 'b.example'");
        var machine = Locate();
        Assert.True(machine.IsInsecure("a.example"));
        Assert.False(machine.IsInsecure("b.example"));
        Put("home/.config/containers/registries.conf", "[[registry]]\nlocation = 'c.example'\ninsecure = true");
        var user = Locate();
        Assert.False(user.IsInsecure("a.example"));
        Assert.True(user.IsInsecure("c.example"));
        Put("named.conf", "");
        Assert.False(Locate(("CONTAINERS_REGISTRIES_CONF", _folder.File("named.conf"))).IsInsecure("c.example"));
    }

    private RegistryRules Locate(params (string Name, string Value)[] variables) => RegistriesConf.Locate(
        name => name == "HOME" ? _folder.File("home") : variables.FirstOrDefault(v => v.Name == name).Value, _folder.File("etc"));

    private void Put(string path, string text)
    {
        var file = _folder.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private static RegistryRules Parse(string text) => RegistriesConf.Parse(text, "test.conf");

    private static IEnumerable<string> Routes(RegistryRules rules, string registry, string repository) =>
        rules.RoutesOf(registry, RepositoryName.Parse(repository)).Select(route => $"{route.Registry}/{route.Repository} {(route.IsInsecure ? "insecure " : "")}{route.Use}");
}

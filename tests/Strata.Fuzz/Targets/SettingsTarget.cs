using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Content;
using Strata.Oci;
using Strata.Registry.Access;
using Strata.Remote;
using Strata.Remote.Configuration;
using Strata.Remote.Credentials;
using Strata.Testing;

namespace Strata.Fuzz.Targets;

/// <summary>Files that other programs write and this one reads: registries.conf, docker's config.json, htpasswd.</summary>
internal static class SettingsTarget
{
    private static readonly Reference[] Names = [.. new[] { "alpine", "example.com/team/app", "a.b.example.com:5000/x/y/z" }.Select(Reference.Parse)];

    public static void Read(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        ReadRegistries(text);
        using var folder = new TemporaryFolder();
        var path = folder.File("settings");
        File.WriteAllBytes(path, input);
        ReadLogins(path);
        ReadUsers(path);
    }

    private static void ReadRegistries(string text)
    {
        try
        {
            var rules = RegistryRules.None.With(RegistriesConf.Parse(text, "registries.conf"));
            foreach (var name in Names)
            {
                if (rules.TryParseName(name.Familiar, out var meant, out _))
                {
                    rules.DirectRouteOf(meant.Registry, meant.Repository);
                }
                rules.DirectRouteOf(name.Registry, name.Repository);
                foreach (var route in rules.RoutesOf(name.Registry, name.Repository))
                {
                    RegistryEndpoint.BaseOf(route.Registry, Uri.UriSchemeHttps);
                }
            }
        }
        catch (Exception e) when (e is RegistryConfigurationException or RegistryException)
        {
        }
    }

    /// <summary>A login that was kept is found again, and the file that had it is one still.</summary>
    private static void ReadLogins(string path)
    {
        var file = new DockerConfigFile(path, programs: null);
        foreach (var registry in new[] { "docker.io", "example.com:5000" })
        {
            var name = new LoginName(registry);
            try
            {
                file.FindAsync(registry, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }
            catch (CredentialException)
            {
                // Also of the one login that is broken; a new one may mend that.
            }
            try
            {
                var kept = file.LoginAsync(name, new Credential.Basic("user", new Secret("p:w")), null, CancellationToken.None).GetAwaiter().GetResult();
                var found = file.FindAsync(registry, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                if (kept == path && found is not Credential.Basic { UserName: "user" })
                {
                    throw new InvalidOperationException($"The login for {registry} is not found again.");
                }
                file.LogoutAsync(name, CancellationToken.None).GetAwaiter().GetResult();
                if (kept == path && file.FindAsync(registry, CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } left)
                {
                    throw new InvalidOperationException($"The login for {registry} is still there: {left}.");
                }
            }
            catch (CredentialException)
            {
            }
        }
    }

    private static void ReadUsers(string path)
    {
        try
        {
            if (HtpasswdFile.Load(path, NullLogger.Instance).Find(":") is { Known: true })
            {
                throw new InvalidOperationException("A user has a colon in the name.");
            }
        }
        catch (FormatException)
        {
        }
    }
}

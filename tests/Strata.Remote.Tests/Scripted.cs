using Strata.Oci;
using Strata.Remote.Credentials;
using Strata.Testing;

namespace Strata.Remote.Tests;

/// <summary>A repository <c>app</c> at a scripted registry.</summary>
internal static class Scripted
{
    public const string Host = "registry.example";

    // Longer than any test lets pass without meaning it.
    public static TimeSpan IdleTimeout => TimeSpan.FromHours(10);

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static RemoteRepository Repository(ScriptedHandler handler, Credential? credential = null, TimeProvider? time = null, string host = Host, Reach? reach = null) =>
        Client(handler, credential, time, host).Repository(host, RepositoryName.Parse("app"), reach);

    public static RegistryClient Client(ScriptedHandler handler, Credential? credential = null, TimeProvider? time = null, string host = Host) =>
        new(handler, new RegistryClientOptions { Credentials = new GivenCredential(host, credential), Time = time ?? HastyTime.Instance, IdleTimeout = IdleTimeout });

    public static Credential.Basic Alice => new("alice", new Content.Secret("open sesame"));
}

namespace Strata.Remote.Transport;

/// <summary>
/// How far a connection trusts whom it reaches. Authorities that were put down for a registry count wherever it sends its clients; its
/// client certificate, and not checking at all, are for its own host alone.
/// </summary>
/// <param name="Registry">As references name it.</param>
internal readonly record struct RegistryTrust(string Registry, bool IsOwnHost, bool IsInsecure)
{
    public required AddressRule Addresses { get; init; }

    private static readonly HttpRequestOptionsKey<RegistryTrust> Key = new("strata.trust");

    public static RegistryTrust For(RegistryEndpoint registry, Uri url)
    {
        var own = url.IdnHost == registry.Base.IdnHost;
        return new RegistryTrust(registry.Name, own, own && registry.IsInsecure) { Addresses = AddressRule.For(registry, url) };
    }

    public static RegistryTrust? Of(HttpRequestMessage message) => message.Options.TryGetValue(Key, out var trust) ? trust : null;

    public void SetOn(HttpRequestMessage message) => message.Options.Set(Key, this);
}

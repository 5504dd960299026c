namespace Strata.Remote.Transport;

/// <summary>Which addresses a connection may lead to.</summary>
internal abstract record AddressRule
{
    private AddressRule()
    {
    }

    /// <summary>All: somebody here named the place.</summary>
    public static AddressRule All { get; } = new Any();

    /// <summary>None that only this machine and its neighbours reach: anybody may have named the place.</summary>
    public static AddressRule OutsideAlone { get; } = new Outward();

    /// <summary>
    /// What a registry may send its clients to, by a redirect, the place of an upload or a token server. One on the outside could otherwise
    /// make every client's machine call what only that machine reaches.
    /// </summary>
    public static AddressRule For(RegistryEndpoint registry, Uri url) =>
        registry.IsOriginOf(url) || InnerAddress.IsNamedBy(registry.Base) ? All : new OutwardUnlessInside(registry.Base.IdnHost);

    public sealed record Any : AddressRule;

    public sealed record Outward : AddressRule;

    /// <param name="Host">Where this host was itself reached at an address that only this machine and its neighbours reach, they are connected to.</param>
    public sealed record OutwardUnlessInside(string Host) : AddressRule;
}

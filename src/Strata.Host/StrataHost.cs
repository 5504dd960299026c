namespace Strata.Host;

/// <summary>The use cases over one store.</summary>
public sealed class StrataHost(HostSettings settings, HostEnvironment environment)
{
    public HostSettings Settings => settings;

    public HostEnvironment Environment => environment;
}

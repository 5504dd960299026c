namespace Strata.Linux;

/// <summary>Who the calling thread acts as.</summary>
public static class Credentials
{
    private const uint LinuxCapabilityVersion3 = 0x20080522;

    public static uint EffectiveUserId => ProcessCalls.geteuid();
    public static uint EffectiveGroupId => ProcessCalls.getegid();
    public static bool IsRoot => EffectiveUserId == 0;

    /// <summary>Whether the capability is in the effective set; root in a container often lacks some.</summary>
    public static bool Has(Capability capability)
    {
        var header = new ProcessCalls.CapabilityHeader { Version = LinuxCapabilityVersion3 };
        Span<ProcessCalls.CapabilityData> data = stackalloc ProcessCalls.CapabilityData[2];
        if (ProcessCalls.capget(ref header, data) < 0)
        {
            throw Failure.Of("capget");
        }

        var bit = (int)capability;
        return (data[bit / 32].Effective & (1u << (bit % 32))) != 0;
    }
}

namespace Strata.Linux;

/// <summary>The CLONE_NEW… flags of unshare(2).</summary>
[Flags]
public enum Namespaces
{
    None = 0,
    Mount = 0x20000,
    ControlGroup = 0x2000000,
    HostName = 0x4000000,
    InterProcess = 0x8000000,
    User = 0x10000000,
    Process = 0x20000000,
    Network = 0x40000000,
}

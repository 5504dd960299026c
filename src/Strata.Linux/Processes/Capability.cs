namespace Strata.Linux;

/// <summary>The capabilities Strata asks about, by their bits; see capabilities(7).</summary>
public enum Capability
{
    ChangeOwner = 0,
    OverrideAccess = 1,
    OwnerRights = 3,
    KeepSetId = 4,
    Kill = 5,
    SetGroupId = 6,
    SetUserId = 7,
    NetAdmin = 12,
    ChangeRoot = 18,
    SysAdmin = 21,
    SysResource = 24,
    MakeNode = 27,
    SetFileCapabilities = 31,
}

namespace Strata.Runtime;

/// <param name="UserId">Who a process acts as.</param>
/// <param name="GroupId">Its primary group.</param>
/// <param name="Groups">Every group it is in, the primary one first: a check for a supplementary group must not miss it (CVE-2022-36109).</param>
/// <param name="Home">Null when the user has no line in passwd.</param>
public sealed record UserIdentity(uint UserId, uint GroupId, IReadOnlyList<uint> Groups, string? Home)
{
    public static UserIdentity Root { get; } = new(0, 0, [0], "/root");
}

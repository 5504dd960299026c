using System.Globalization;
using Strata.Content.Layers;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The users of a stage, looked up where the stage itself says who they are.</summary>
internal sealed class StageUsers(LayerReader reader)
{
    private static readonly ImagePath Passwd = ImagePath.Parse("etc/passwd");
    private static readonly ImagePath Group = ImagePath.Parse("etc/group");

    public async Task<StepUser> ForStepAsync(string user, OpenedLayers layers, CancellationToken cancellationToken) => new(
        user,
        await reader.ReadAsync(layers, Passwd, PasswdFile.LargestSize, cancellationToken),
        await reader.ReadAsync(layers, Group, PasswdFile.LargestSize, cancellationToken));

    /// <summary>The owner that <c>--chown</c> or USER names; a number alone is the group's too.</summary>
    public async Task<(uint UserId, uint GroupId)> OwnerAsync(string owner, OpenedLayers layers, CancellationToken cancellationToken)
    {
        if (owner.Length == 0)
        {
            return (0, 0);
        }
        if (uint.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue)
        {
            return (id, id);
        }
        var user = await ForStepAsync(owner, layers, cancellationToken);
        return PasswdFile.Lookup(user.Passwd.Span, user.Group.Span, owner)
            ?? throw new CopyException($"\"{owner}\" names a user or group that is not in /etc/passwd and /etc/group of this stage; use a number, or add it in a RUN before");
    }
}

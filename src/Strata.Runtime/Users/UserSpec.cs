using System.Diagnostics.CodeAnalysis;
using Strata.Content.Layers;

namespace Strata.Runtime;

/// <summary>USER and --user: "user", "uid", "user:group", in the passwd and group files of the image.</summary>
public static class UserSpec
{
    /// <param name="spec">Empty: root.</param>
    /// <param name="passwd">The content of /etc/passwd; empty where the image has none. No more than <see cref="PasswdFile.LargestSize"/> is looked at.</param>
    /// <param name="group">The content of /etc/group.</param>
    /// <param name="identity">Who that is.</param>
    /// <param name="problem">What is wrong, as a sentence's end: "no user node in /etc/passwd".</param>
    public static bool TryResolve(
        string spec, ReadOnlySpan<byte> passwd, ReadOnlySpan<byte> group, [NotNullWhen(true)] out UserIdentity? identity, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (identity, problem) = (null, null);
        var cut = spec.IndexOf(':');
        var userName = cut < 0 ? spec : spec[..cut];
        var groupName = cut < 0 ? "" : spec[(cut + 1)..];
        userName = userName.Length == 0 ? "0" : userName;
        if (PasswdFile.Lookup(passwd, group, userName) is not { } user)
        {
            problem = $"there is no user {userName} in /etc/passwd of the image";
            return false;
        }

        var account = PasswdFile.FindUser(passwd, userName);
        var home = account?.Home is { Length: > 0 } folder ? folder : null;
        if (groupName.Length == 0)
        {
            var others = account is null ? [] : PasswdFile.SupplementaryGroups(group, account.Name);
            identity = new UserIdentity(user.UserId, user.GroupId, [user.GroupId, .. others.Where(id => id != user.GroupId)], home);
            return true;
        }
        if (PasswdFile.Lookup(passwd, group, $"{userName}:{groupName}") is not { } chosen)
        {
            problem = $"there is no group {groupName} in /etc/group of the image";
            return false;
        }

        identity = new UserIdentity(chosen.UserId, chosen.GroupId, [chosen.GroupId], home);
        return true;
    }
}

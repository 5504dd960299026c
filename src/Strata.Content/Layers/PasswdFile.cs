using System.Buffers.Text;
using System.Text;

namespace Strata.Content.Layers;

/// <summary>
/// Reads the text of passwd(5) and group(5) of an image. Lines that are not well-formed are passed over, as the C library does;
/// no more than <see cref="LargestSize"/> bytes are looked at.
/// </summary>
public static class PasswdFile
{
    public const int LargestSize = 1024 * 1024;

    public sealed record User(string Name, uint UserId, uint GroupId, string Home);

    public sealed record Group(string Name, uint GroupId);

    /// <summary>The user with this name, or, where <paramref name="nameOrNumber"/> is a number that is nobody's name, with this id.</summary>
    public static User? FindUser(ReadOnlySpan<byte> passwd, string nameOrNumber)
    {
        User? byNumber = null;
        foreach (var line in Lines(passwd))
        {
            if (ParseUser(line) is not { } user)
            {
                continue;
            }
            if (user.Name == nameOrNumber)
            {
                return user;
            }
            if (byNumber is null && ParseId(nameOrNumber) == user.UserId)
            {
                byNumber = user;
            }
        }
        return byNumber;
    }

    /// <summary>As <see cref="FindUser"/>, for groups.</summary>
    public static Group? FindGroup(ReadOnlySpan<byte> group, string nameOrNumber)
    {
        Group? byNumber = null;
        foreach (var line in Lines(group))
        {
            if (ParseGroup(line) is not { } found)
            {
                continue;
            }
            if (found.Name == nameOrNumber)
            {
                return found;
            }
            if (byNumber is null && ParseId(nameOrNumber) == found.GroupId)
            {
                byNumber = found;
            }
        }
        return byNumber;
    }

    /// <summary>
    /// The ids of <c>user</c> or <c>user:group</c>, each a name or a number. A number needs no line in the files (its group is then 0 unless given);
    /// null where a name is in none.
    /// </summary>
    public static (uint UserId, uint GroupId)? Lookup(ReadOnlySpan<byte> passwd, ReadOnlySpan<byte> group, string userAndGroup)
    {
        var colon = userAndGroup.IndexOf(':', StringComparison.Ordinal);
        var userPart = colon < 0 ? userAndGroup : userAndGroup[..colon];
        var user = FindUser(passwd, userPart);
        if ((user?.UserId ?? ParseId(userPart)) is not { } userId)
        {
            return null;
        }
        if (colon < 0)
        {
            return (userId, user?.GroupId ?? 0);
        }
        var groupPart = userAndGroup[(colon + 1)..];
        return (FindGroup(group, groupPart)?.GroupId ?? ParseId(groupPart)) is { } groupId ? (userId, groupId) : null;
    }

    /// <summary>The groups that name the user as a member, in the file's order, without repeats. The primary group is passwd's and is not looked for.</summary>
    public static IReadOnlyList<uint> SupplementaryGroups(ReadOnlySpan<byte> group, string userName)
    {
        var name = Encoding.UTF8.GetBytes(userName);
        var ids = new List<uint>();
        foreach (var line in Lines(group))
        {
            if (ParseGroup(line) is not { } found || ids.Contains(found.GroupId))
            {
                continue;
            }
            foreach (var range in Field(line, 3).Split((byte)','))
            {
                if (Field(line, 3)[range].Trim((byte)' ').SequenceEqual(name))
                {
                    ids.Add(found.GroupId);
                    break;
                }
            }
        }
        return ids;
    }

    private static User? ParseUser(ReadOnlySpan<byte> line) =>
        ParseId(Field(line, 2)) is { } userId && ParseId(Field(line, 3)) is { } groupId && !Field(line, 0).IsEmpty
            ? new User(Encoding.UTF8.GetString(Field(line, 0)), userId, groupId, Encoding.UTF8.GetString(Field(line, 5)))
            : null;

    private static Group? ParseGroup(ReadOnlySpan<byte> line) =>
        ParseId(Field(line, 2)) is { } groupId && !Field(line, 0).IsEmpty
            ? new Group(Encoding.UTF8.GetString(Field(line, 0)), groupId)
            : null;

    private static uint? ParseId(string text) => ParseId(Encoding.UTF8.GetBytes(text));

    // uid_t -1 means "no change" to chown(2) and is nobody's id.
    private static uint? ParseId(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out uint id, out var used) && used == text.Length && id != uint.MaxValue ? id : null;

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int number)
    {
        for (var i = 0; i < number; i++)
        {
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
            {
                return [];
            }
            line = line[(colon + 1)..];
        }
        var end = line.IndexOf((byte)':');
        return end < 0 ? line : line[..end];
    }

    private static LineEnumerator Lines(ReadOnlySpan<byte> text) => new(text[..Math.Min(text.Length, LargestSize)]);

    private ref struct LineEnumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly LineEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }
            var end = _rest.IndexOf((byte)'\n');
            Current = (end < 0 ? _rest : _rest[..end]).TrimEnd((byte)'\r');
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            return true;
        }
    }
}

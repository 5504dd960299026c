using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Runtime;

/// <summary>USER and --user: "user", "uid", "user:group", in the passwd and group files of the image.</summary>
public static class UserSpec
{
    /// <summary>Bytes read of each file; more is not looked at, so that a hostile image costs nothing.</summary>
    public const int LargestFile = 1 << 20;

    private const byte Colon = (byte)':';

    /// <param name="spec">Empty: root.</param>
    /// <param name="passwd">The content of /etc/passwd; empty where the image has none.</param>
    /// <param name="group">The content of /etc/group.</param>
    /// <param name="identity">Who that is.</param>
    /// <param name="problem">What is wrong, as a sentence's end: "no user node in /etc/passwd".</param>
    public static bool TryResolve(
        string spec, ReadOnlySpan<byte> passwd, ReadOnlySpan<byte> group, [NotNullWhen(true)] out UserIdentity? identity, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(spec);
        identity = null;
        var cut = spec.IndexOf(':');
        var userName = cut < 0 ? spec : spec[..cut];
        var groupName = cut < 0 ? "" : spec[(cut + 1)..];
        if (userName.Length == 0)
        {
            userName = "0";
        }

        var account = FindAccount(userName, passwd);
        if (account is null)
        {
            if (!TryParseId(userName, out var number))
            {
                problem = $"there is no user {userName} in /etc/passwd of the image";
                return false;
            }
            account = new Account(null, number, 0, null);
        }
        if (groupName.Length > 0)
        {
            if (FindGroup(groupName, group) is not { } chosen)
            {
                problem = $"there is no group {groupName} in /etc/group of the image";
                return false;
            }
            identity = new UserIdentity(account.UserId, chosen, [chosen], account.Home);
        }
        else
        {
            identity = new UserIdentity(account.UserId, account.GroupId, Memberships(account, group), account.Home);
        }
        problem = null;
        return true;
    }

    /// <summary>A name wins over a number, as a user may be called 1000.</summary>
    private static Account? FindAccount(string wanted, ReadOnlySpan<byte> passwd)
    {
        var name = Encoding.UTF8.GetBytes(wanted);
        var isNumber = TryParseId(wanted, out var number);
        Account? byNumber = null;
        foreach (var line in Lines(passwd))
        {
            // name:password:uid:gid:comment:home:shell
            if (Field(line, 0) is var login && login.IsEmpty
                || !TryParseId(Field(line, 2), out var uid)
                || !TryParseId(Field(line, 3), out var gid))
            {
                continue;
            }

            if (login.SequenceEqual(name))
            {
                return Read(line, uid, gid);
            }

            if (isNumber && uid == number)
            {
                byNumber ??= Read(line, uid, gid);
            }
        }
        return byNumber;

        static Account Read(ReadOnlySpan<byte> line, uint uid, uint gid)
        {
            var home = Encoding.UTF8.GetString(Field(line, 5));
            return new Account(Field(line, 0).ToArray(), uid, gid, home.Length > 0 ? home : null);
        }
    }

    private static uint? FindGroup(string wanted, ReadOnlySpan<byte> group)
    {
        var name = Encoding.UTF8.GetBytes(wanted);
        foreach (var line in Lines(group))
        {
            if (Field(line, 0).SequenceEqual(name) && TryParseId(Field(line, 2), out var gid))
            {
                return gid;
            }
        }
        return TryParseId(wanted, out var number) ? number : null;
    }

    private static List<uint> Memberships(Account account, ReadOnlySpan<byte> group)
    {
        var groups = new List<uint> { account.GroupId };
        if (account.Name is not { } name)
        {
            return groups;
        }

        foreach (var line in Lines(group))
        {
            if (!TryParseId(Field(line, 2), out var gid) || groups.Contains(gid))
            {
                continue;
            }

            var members = Field(line, 3);
            foreach (var member in members.Split((byte)','))
            {
                if (!members[member].SequenceEqual(name))
                {
                    continue;
                }

                groups.Add(gid);
                break;
            }
        }
        return groups;
    }

    private static LineEnumerator Lines(ReadOnlySpan<byte> file) => new(file[..Math.Min(file.Length, LargestFile)]);

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int index)
    {
        foreach (var range in line.Split(Colon))
        {
            if (index-- == 0)
            {
                return line[range];
            }
        }
        return default;
    }

    /// <summary>Not 4294967295: as -1 it tells the kernel to leave the owner as it is, and nobody has it.</summary>
    private static bool TryParseId(ReadOnlySpan<byte> text, out uint id) =>
        Utf8Parser.TryParse(text, out id, out var used) && used == text.Length && id != uint.MaxValue;

    private static bool TryParseId(string text, out uint id) => TryParseId(Encoding.UTF8.GetBytes(text), out id);

    private sealed record Account(byte[]? Name, uint UserId, uint GroupId, string? Home);

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
            Current = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            return true;
        }
    }
}

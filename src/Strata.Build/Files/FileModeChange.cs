using System.Diagnostics.CodeAnalysis;

namespace Strata.Build;

/// <summary>What <c>--chmod</c> says: an octal mode, or changes as chmod(1) writes them (<c>u=rwX,go=rX</c>).</summary>
internal sealed record FileModeChange
{
    private const uint MaxMode = 0xFFF;
    private const uint AnyExecute = 0x49;

    private readonly string _text;
    private readonly uint? _octal;
    private readonly Clause[] _clauses;

    private FileModeChange(string text, uint? octal, Clause[] clauses)
    {
        _text = text;
        _octal = octal;
        _clauses = clauses;
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out FileModeChange? change, [NotNullWhen(false)] out string? problem)
    {
        change = null;
        problem = null;
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            uint mode = 0;
            foreach (var digit in text)
            {
                mode = digit > '7' || mode > MaxMode ? uint.MaxValue : (mode << 3) | (uint)(digit - '0');
            }
            if (mode > MaxMode)
            {
                problem = $"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777";
                return false;
            }
            change = new FileModeChange(text, mode, []);
            return true;
        }
        var clauses = new List<Clause>();
        foreach (var part in text.Split(','))
        {
            if (!ReadClauses(part, clauses))
            {
                problem = $"invalid chmod parameter: '{text}'. it should be an octal number or changes such as u=rwX,go=rX";
                return false;
            }
        }
        change = new FileModeChange(text, null, [.. clauses]);
        return true;
    }

    public uint Apply(uint mode, bool isDirectory)
    {
        if (_octal is { } whole)
        {
            return whole;
        }
        foreach (var clause in _clauses)
        {
            mode = clause.Apply(mode, isDirectory);
        }
        return mode;
    }

    public override string ToString() => _octal is { } mode ? Convert.ToString(mode, 8) : _text;

    /// <summary>Reads <c>[ugoa]*([-+=][rwxXst]*|[-+=][ugo])+</c>.</summary>
    private static bool ReadClauses(string part, List<Clause> clauses)
    {
        var position = 0;
        var who = Who.None;
        for (; position < part.Length && WhoOf(part[position]) is { } one; position++)
        {
            who |= one;
        }
        who = who == Who.None ? Who.All : who;
        if (position == part.Length)
        {
            return false;
        }
        while (position < part.Length)
        {
            var operation = part[position++];
            if (operation is not ('+' or '-' or '='))
            {
                return false;
            }
            var start = position;
            while (position < part.Length && part[position] is not ('+' or '-' or '='))
            {
                position++;
            }
            var permissions = part[start..position];
            var isCopy = permissions is "u" or "g" or "o";
            if (!isCopy && permissions.Any(c => !"rwxXst".Contains(c, StringComparison.Ordinal)))
            {
                return false;
            }
            clauses.Add(new Clause(who, operation, permissions));
        }
        return true;
    }

    private static Who? WhoOf(char c) => c switch { 'u' => Who.User, 'g' => Who.Group, 'o' => Who.Other, 'a' => Who.All, _ => null };

    [Flags]
    private enum Who
    {
        None = 0,
        Other = 1,
        Group = 2,
        User = 4,
        All = 7,
    }

    private readonly record struct Clause(Who Who, char Operation, string Permissions)
    {
        public uint Apply(uint mode, bool isDirectory)
        {
            uint bits = Bits(mode, isDirectory);
            uint special = 0;
            if (Permissions.Contains('s', StringComparison.Ordinal))
            {
                special |= (Who.HasFlag(Who.User) ? 0x800u : 0) | (Who.HasFlag(Who.Group) ? 0x400u : 0);
            }
            if (Permissions.Contains('t', StringComparison.Ordinal))
            {
                special |= 0x200;
            }
            uint change = special;
            uint reach = (Who.HasFlag(Who.User) ? 0x800u : 0) | (Who.HasFlag(Who.Group) ? 0x400u : 0) | (Who == Who.All ? 0x200u : 0);
            for (var shift = 0; shift <= 6; shift += 3)
            {
                if (((uint)Who & (1u << (shift / 3))) != 0)
                {
                    change |= bits << shift;
                    reach |= 7u << shift;
                }
            }
            return Operation switch
            {
                '+' => mode | change,
                '-' => mode & ~change,
                // chmod(1) leaves the special bits of directories alone unless they are named.
                _ => (mode & ~(isDirectory ? reach & 0x1FF : reach)) | change,
            };
        }

        private uint Bits(uint mode, bool isDirectory)
        {
            switch (Permissions)
            {
                case "u":
                    return (mode >> 6) & 7;
                case "g":
                    return (mode >> 3) & 7;
                case "o":
                    return mode & 7;
            }
            uint bits = 0;
            foreach (var c in Permissions)
            {
                bits |= c switch
                {
                    'r' => 4,
                    'w' => 2,
                    'x' => 1,
                    'X' when isDirectory || (mode & AnyExecute) != 0 => 1,
                    _ => 0u,
                };
            }
            return bits;
        }
    }
}

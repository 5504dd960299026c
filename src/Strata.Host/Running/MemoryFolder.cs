using System.Globalization;
using Strata.Runtime;

namespace Strata.Host.Running;

/// <summary>Reads <c>--tmpfs PATH[:size=64m,mode=1777]</c>.</summary>
internal static class MemoryFolder
{
    private const string Usage = "--tmpfs takes a path inside, and behind a colon size=64m and mode=1777: --tmpfs /run:size=64m";

    public static TmpfsMount Parse(string text)
    {
        var parts = text.Split(':', 2);
        if (!parts[0].StartsWith('/'))
        {
            throw new StrataException($"'{text}' is no place for a folder in memory: {parts[0]} is no absolute path", Usage);
        }
        var mount = new TmpfsMount { Target = parts[0] };
        foreach (var option in parts is [_, var options] ? options.Split(',', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            mount = option.Split('=', 2) switch
            {
                ["size", var size] when ByteSize(size) is { } bytes => mount with { Size = bytes },
                ["mode", var mode] when Octal(mode) is { } bits => mount with { Mode = bits },
                // What it is anyway.
                ["rw" or "nodev"] => mount,
                _ => throw new StrataException($"'{option}' is no option of a folder in memory", Usage),
            };
        }
        return mount;
    }

    private static long? ByteSize(string text)
    {
        var factor = char.ToLowerInvariant(text.LastOrDefault()) switch
        {
            'k' => 1L << 10,
            'm' => 1L << 20,
            'g' => 1L << 30,
            _ => 1L,
        };
        var digits = factor == 1 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= long.MaxValue / factor
            ? number * factor
            : null;
    }

    private static uint? Octal(string text)
    {
        const int octalBits = 3;
        const uint largest = 0xFFF; // 07777
        uint bits = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7' || bits > largest)
            {
                return null;
            }
            bits = (bits << octalBits) | (uint)(digit - '0');
        }
        return text.Length > 0 && bits <= largest ? bits : null;
    }
}

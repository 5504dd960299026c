using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Strata.Linux;

namespace Strata.Content.Tar;

/// <summary>A time in a PAX record: decimal seconds with an optional fraction, of which nine digits are kept (toward zero).</summary>
internal static class PaxTime
{
    private const uint NanosecondsASecond = 1_000_000_000;

    internal static bool TryParse(ReadOnlySpan<byte> text, out FileTime time)
    {
        time = default;
        var dot = text.IndexOf((byte)'.');
        var whole = dot < 0 ? text : text[..dot];
        if (!TryParseInteger(whole, out var seconds))
        {
            return false;
        }
        uint nanoseconds = 0;
        if (dot >= 0)
        {
            var fraction = text[(dot + 1)..];
            if (fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                return false;
            }
            for (var i = 0; i < 9; i++)
            {
                nanoseconds = (nanoseconds * 10) + (i < fraction.Length ? (uint)(fraction[i] - '0') : 0);
            }
        }
        if (nanoseconds > 0 && whole[0] == (byte)'-')
        {
            if (seconds == long.MinValue)
            {
                return false;
            }
            time = new FileTime(seconds - 1, NanosecondsASecond - nanoseconds);
            return true;
        }
        time = new FileTime(seconds, nanoseconds);
        return true;
    }

    internal static byte[] Format(FileTime time)
    {
        if (time.Nanoseconds == 0)
        {
            return Encoding.ASCII.GetBytes(time.Seconds.ToString(CultureInfo.InvariantCulture));
        }
        var negative = time.Seconds < 0;
        var seconds = negative ? -(time.Seconds + 1) : time.Seconds;
        var nanoseconds = negative ? NanosecondsASecond - time.Nanoseconds : time.Nanoseconds;
        var text = string.Create(CultureInfo.InvariantCulture, $"{(negative ? "-" : "")}{seconds}.{nanoseconds:D9}");
        return Encoding.ASCII.GetBytes(text.TrimEnd('0'));
    }

    internal static bool TryParseInteger(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;
}

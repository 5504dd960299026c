using System.Globalization;
using System.Text;

namespace Strata.Linux;

/// <summary>Reads the lines of /proc/…/mountinfo.</summary>
internal static class MountTable
{
    // 36 35 98:0 /root /mount/point rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue
    internal static MountInfo? Parse(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-");
        if (dash < 6 || fields.Length < dash + 4)
        {
            return null;
        }

        if (!int.TryParse(fields[0], CultureInfo.InvariantCulture, out var id)
            || !int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent))
        {
            return null;
        }

        return new MountInfo(
            id, parent, Unescape(fields[3]), Unescape(fields[4]), fields[5], fields[dash + 1], Unescape(fields[dash + 2]), fields[dash + 3]);
    }

    /// <summary>Space, tab, newline and backslash are written as three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                plain.Append((char)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }
        return plain.ToString();
    }
}

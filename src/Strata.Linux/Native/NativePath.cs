using System.Text;

namespace Strata.Linux;

/// <summary>Paths in the form the kernel takes: bytes that end in a NUL.</summary>
internal static class NativePath
{
    /// <summary>How large a stack buffer is worth giving to <see cref="Terminate"/>.</summary>
    internal const int StackSize = 512;

    internal static byte[] Of(string path)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        RefuseNul(bytes.AsSpan(0, bytes.Length - 1));
        return bytes;
    }

    internal static ReadOnlySpan<byte> Terminate(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        RefuseNul(path);
        if (path.Length >= buffer.Length)
        {
            buffer = new byte[path.Length + 1];
        }

        path.CopyTo(buffer);
        buffer[path.Length] = 0;
        return buffer[..(path.Length + 1)];
    }

    /// <summary>The path as text for messages; what a terminal would act upon is shown as \xNN.</summary>
    internal static string Display(ReadOnlySpan<byte> path)
    {
        if (path is [.., 0])
        {
            path = path[..^1];
        }

        var text = Encoding.UTF8.GetString(path);
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.Contains('\x7f'))
        {
            return text.Length == 0 ? "." : text;
        }

        var shown = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (c is < ' ' or '\x7f')
            {
                shown.Append("\\x").Append(((int)c).ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
            }
            else
            {
                shown.Append(c);
            }
        }
        return shown.ToString();
    }

    private static void RefuseNul(ReadOnlySpan<byte> path)
    {
        if (path.Contains((byte)0))
        {
            throw new LinuxException(Errno.EINVAL, "path", Display(path), "the path contains a NUL byte");
        }
    }
}

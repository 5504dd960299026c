using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// Extended attributes of any kind of file, links and devices included. There are no f*xattr calls for a descriptor
/// opened with O_PATH, so the name is reached through the parent's descriptor in /proc, which the l* calls do not follow.
/// </summary>
internal static class ExtendedAttributes
{
    /// <summary>XATTR_SIZE_MAX and XATTR_LIST_MAX of the kernel.</summary>
    private const int LargestValue = 64 * 1024;
    private const int PathSize = 320;

    internal static IReadOnlyList<KeyValuePair<string, byte[]>> Read(
        SafeFileHandle parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> displayed)
    {
        var path = Reach(parent, name, stackalloc byte[PathSize]);
        Span<byte> few = stackalloc byte[512];
        var length = FileCalls.llistxattr(path, few, few.Length);
        if (length == 0)
        {
            return [];
        }

        if (length > 0)
        {
            return Values(path, few[..(int)length], displayed);
        }

        if (Failure.Number == Errno.EOPNOTSUPP)
        {
            return [];
        }

        if (Failure.Number != Errno.ERANGE)
        {
            throw Failed("llistxattr", displayed);
        }

        var many = ArrayPool<byte>.Shared.Rent(LargestValue);
        try
        {
            length = FileCalls.llistxattr(path, many, many.Length);
            return length >= 0 ? Values(path, many.AsSpan(0, (int)length), displayed) : throw Failed("llistxattr", displayed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(many);
        }
    }

    internal static void Set(
        SafeFileHandle parent, ReadOnlySpan<byte> name, string attribute, ReadOnlySpan<byte> value, ReadOnlySpan<byte> displayed)
    {
        var path = Reach(parent, name, stackalloc byte[PathSize]);
        if (FileCalls.lsetxattr(path, NativePath.Of(attribute), value, value.Length, 0) < 0)
        {
            throw Failed($"lsetxattr {attribute}", displayed);
        }
    }

    internal static void Remove(SafeFileHandle parent, ReadOnlySpan<byte> name, string attribute, ReadOnlySpan<byte> displayed)
    {
        var path = Reach(parent, name, stackalloc byte[PathSize]);
        if (FileCalls.lremovexattr(path, NativePath.Of(attribute)) < 0 && Failure.Number != Errno.ENODATA)
        {
            throw Failed($"lremovexattr {attribute}", displayed);
        }
    }

    private static List<KeyValuePair<string, byte[]>> Values(ReadOnlySpan<byte> path, ReadOnlySpan<byte> list, ReadOnlySpan<byte> displayed)
    {
        var values = new List<KeyValuePair<string, byte[]>>();
        var buffer = ArrayPool<byte>.Shared.Rent(LargestValue);
        try
        {
            while (list.Length > 0)
            {
                var attribute = list[..(list.IndexOf((byte)0) + 1)];
                list = list[attribute.Length..];
                var size = FileCalls.lgetxattr(path, attribute, buffer, buffer.Length);
                if (size >= 0)
                {
                    values.Add(new(Encoding.UTF8.GetString(attribute[..^1]), buffer.AsSpan(0, (int)size).ToArray()));
                }
                else if (Failure.Number != Errno.ENODATA)
                {
                    throw Failed($"lgetxattr {NativePath.Display(attribute)}", displayed);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        values.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return values;
    }

    private static LinuxException Failed(string operation, ReadOnlySpan<byte> displayed)
    {
        var number = Failure.Number;
        var missing = number == Errno.ENOENT && HostFile.Status("/proc/self/fd", follow: true) is null;
        return new LinuxException(
            number, operation, NativePath.Display(displayed), missing ? "extended attributes need /proc to be mounted" : null);
    }

    private static ReadOnlySpan<byte> Reach(SafeFileHandle parent, ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        var prefix = "/proc/self/fd/"u8;
        prefix.CopyTo(buffer);
        Utf8Formatter.TryFormat((int)parent.DangerousGetHandle(), buffer[prefix.Length..], out var digits);
        var at = prefix.Length + digits;
        buffer[at++] = (byte)'/';
        name.CopyTo(buffer[at..]);
        return buffer[..(at + name.Length)];
    }
}

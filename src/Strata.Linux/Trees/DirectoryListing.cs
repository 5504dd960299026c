using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>The entries of one directory in byte order, without "." and "..". Names live in one pooled buffer.</summary>
internal sealed class DirectoryListing : IDisposable
{
    private const int ReadSize = 32 * 1024;
    private byte[] _names;
    private int _used;
    private readonly List<Entry> _entries = [];

    private DirectoryListing() => _names = ArrayPool<byte>.Shared.Rent(4096);

    internal int Count => _entries.Count;

    internal static DirectoryListing Read(SafeFileHandle directory, ReadOnlySpan<byte> displayed)
    {
        var listing = new DirectoryListing();
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            while (true)
            {
                var length = FileCalls.getdents64(directory, buffer, buffer.Length);
                // ENOENT: the directory was removed while it was open.
                if (length == 0 || (length < 0 && Failure.Number == Errno.ENOENT))
                {
                    break;
                }

                if (length < 0)
                {
                    throw Failure.Of("getdents64", displayed);
                }

                listing.Add(buffer.AsSpan(0, (int)length));
            }
        }
        catch
        {
            listing.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        listing._entries.Sort(listing.Compare);
        return listing;
    }

    internal ReadOnlySpan<byte> Name(int index) => _names.AsSpan(_entries[index].Offset, _entries[index].Length);

    /// <summary>The name with the NUL byte that ends it.</summary>
    internal ReadOnlySpan<byte> TerminatedName(int index) => _names.AsSpan(_entries[index].Offset, _entries[index].Length + 1);

    internal FileKind? Kind(int index) => FileModes.KindOfEntry(_entries[index].Type);

    public void Dispose()
    {
        if (_names.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_names);
        }

        _names = [];
        _entries.Clear();
    }

    // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name…NUL
    private void Add(ReadOnlySpan<byte> records)
    {
        while (records.Length > 0)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            var name = records[19..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                Add(name, records[18]);
            }

            records = records[length..];
        }
    }

    private void Add(ReadOnlySpan<byte> name, byte type)
    {
        if (_names.Length - _used < name.Length + 1)
        {
            Grow(name.Length + 1);
        }

        name.CopyTo(_names.AsSpan(_used));
        _names[_used + name.Length] = 0;
        _entries.Add(new Entry(_used, (ushort)name.Length, type));
        _used += name.Length + 1;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_names.Length * 2, _used + needed));
        _names.AsSpan(0, _used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_names);
        _names = larger;
    }

    private int Compare(Entry a, Entry b) =>
        _names.AsSpan(a.Offset, a.Length).SequenceCompareTo(_names.AsSpan(b.Offset, b.Length));

    private readonly record struct Entry(int Offset, ushort Length, byte Type);
}

using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// The parent resolved last. It is dropped when anything is removed or renamed, since any name may have been on the
/// way to it; making new names cannot change where an existing path leads.
/// </summary>
internal sealed class ParentCache : IDisposable
{
    private byte[] _path = [];
    private int _length;
    private SafeFileHandle? _parent;

    internal SafeFileHandle? Find(ReadOnlySpan<byte> path) =>
        _parent is not null && path.SequenceEqual(_path.AsSpan(0, _length)) ? _parent : null;

    internal void Keep(ReadOnlySpan<byte> path, SafeFileHandle parent)
    {
        Forget();
        if (_path.Length < path.Length)
        {
            _path = new byte[Math.Max(256, path.Length * 2)];
        }

        path.CopyTo(_path);
        _length = path.Length;
        _parent = parent;
    }

    internal void Forget()
    {
        _parent?.Dispose();
        _parent = null;
    }

    public void Dispose() => Forget();
}

using System.IO.Compression;
using System.Security.Cryptography;

namespace Strata.Content.Tar;

/// <summary>
/// Writes down how to make an archive again from the contents of its files: literal bytes (headers, padding, the end) and
/// pieces of contents, deflated. Format: 1, length, bytes | 2, content, offset, length | 0; numbers are LEB128.
/// </summary>
internal sealed class RecipeWriter : IDisposable
{
    internal const byte EndTag = 0;
    internal const byte LiteralTag = 1;
    internal const byte ContentTag = 2;

    /// <summary>More than this is not kept: such an archive is then stored, not rebuilt.</summary>
    private const long LargestRecipe = 512L * 1024 * 1024;
    private const int PendingSize = 64 * 1024;

    private readonly MemoryStream _deflated = new();
    private readonly DeflateStream _deflate;
    private readonly byte[] _pending = new byte[PendingSize];
    private int _pendingLength;
    private (long Content, long Offset, long Length) _piece;

    internal RecipeWriter() => _deflate = new DeflateStream(_deflated, CompressionLevel.Fastest, leaveOpen: true);

    /// <summary>The recipe cannot make the archive again: it was too large, or it names a content that is not kept.</summary>
    internal bool Abandoned { get; set; }

    internal void Literal(ReadOnlySpan<byte> bytes)
    {
        if (Abandoned || bytes.IsEmpty)
        {
            return;
        }
        FlushPiece();
        if (bytes.Length > PendingSize - _pendingLength)
        {
            FlushLiteral();
        }
        if (bytes.Length > PendingSize)
        {
            WriteLiteral(bytes);
            return;
        }
        bytes.CopyTo(_pending.AsSpan(_pendingLength));
        _pendingLength += bytes.Length;
    }

    internal void Content(long content, long offset, long length)
    {
        if (Abandoned || length == 0)
        {
            return;
        }
        FlushLiteral();
        if (_piece.Length > 0 && _piece.Content == content && _piece.Offset + _piece.Length == offset)
        {
            _piece.Length += length;
            return;
        }
        FlushPiece();
        _piece = (content, offset, length);
    }

    /// <summary>The deflated recipe, empty where it was abandoned, and after it its sha256.</summary>
    internal ReadOnlyMemory<byte> Complete()
    {
        if (!Abandoned)
        {
            FlushLiteral();
            FlushPiece();
            _deflate.WriteByte(EndTag);
        }
        _deflate.Dispose();
        if (Abandoned)
        {
            _deflated.SetLength(0);
        }
        _deflated.Write(SHA256.HashData(_deflated.GetBuffer().AsSpan(0, (int)_deflated.Length)));
        return _deflated.GetBuffer().AsMemory(0, (int)_deflated.Length);
    }

    public void Dispose() => _deflate.Dispose();

    private void FlushPiece()
    {
        if (_piece.Length == 0)
        {
            return;
        }
        Span<byte> record = stackalloc byte[1 + (3 * Leb128.LargestSize)];
        record[0] = ContentTag;
        var used = 1;
        used += Leb128.Write(_piece.Content, record[used..]);
        used += Leb128.Write(_piece.Offset, record[used..]);
        used += Leb128.Write(_piece.Length, record[used..]);
        _deflate.Write(record[..used]);
        _piece = default;
    }

    private void FlushLiteral()
    {
        if (_pendingLength > 0)
        {
            WriteLiteral(_pending.AsSpan(0, _pendingLength));
            _pendingLength = 0;
        }
    }

    private void WriteLiteral(ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[1 + Leb128.LargestSize];
        head[0] = LiteralTag;
        var used = 1 + Leb128.Write(bytes.Length, head[1..]);
        _deflate.Write(head[..used]);
        _deflate.Write(bytes);
        if (_deflated.Length > LargestRecipe)
        {
            Abandoned = true;
            _deflated.SetLength(0);
        }
    }
}

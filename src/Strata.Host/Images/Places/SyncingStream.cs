using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>Writes a long file from its start, and lets the disk begin with it at once, so that making it durable in the end takes little.</summary>
internal sealed class SyncingStream(PendingFile file, string destination) : Stream
{
    private const long Portion = 8 << 20;

    private long _begun;
    private long _length;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => _length;
    public override long Position { get => _length; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            file.Write(buffer, _length);
        }
        catch (LinuxException e)
        {
            throw OutputFailure.Of(destination, e);
        }
        _length += buffer.Length;
        if (_length - _begun >= Portion)
        {
            Durable.BeginSync(file.Handle, _begun, _length - _begun);
            _begun = _length;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}

using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// A pipe, terminal or standard stream as a stream: read(2) and write(2), nothing buffered. A closed reader surfaces as
/// <see cref="LinuxException"/> with EPIPE; a pseudo terminal whose last user is gone (EIO) as the end. One reader and one
/// writer may be at work at once. An asynchronous read that has to wait costs a thread and can be cancelled.
/// </summary>
public sealed class DescriptorStream(SafeFileHandle handle) : Stream
{
    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            var length = FileCalls.read(handle, buffer, buffer.Length);
            if (length >= 0)
            {
                return (int)length;
            }

            if (Failure.Number == Errno.EIO && IsController)
            {
                return 0;
            }

            Recover("read", forWriting: false);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var length = FileCalls.write(handle, buffer, buffer.Length);
            if (length >= 0)
            {
                buffer = buffer[(int)length..];
            }
            else
            {
                Recover("write", forWriting: true);
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    // Stream's own would let a read that waits hold up every write, and could not be cancelled.
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!Readiness.IsReadable(handle))
        {
            await Readiness.ReadableAsync(handle, cancellationToken);
        }

        return Read(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => Write(buffer.Span), cancellationToken));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            handle.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsController
    {
        get
        {
            var number = 0;
            return TerminalCalls.ioctl(handle, TerminalCalls.TIOCGPTN, ref number) == 0;
        }
    }

    // Whoever shares the descriptor may have made it non-blocking: then wait for it as a blocking one would.
    private void Recover(string operation, bool forWriting)
    {
        if (Failure.Number == Errno.EAGAIN)
        {
            Readiness.WaitFor(handle, forWriting);
        }
        else if (Failure.Number != Errno.EINTR)
        {
            throw Failure.Of(operation);
        }
    }
}

using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Strata.Linux;

namespace Strata.Runtime.Containers;

/// <summary>
/// Writes container.log in Docker's json-file format, one object a line: log, stream, time. Bytes that are no UTF-8 are
/// written whole as base64 in "bytes" instead. Used by the threads of both streams.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    /// <summary>As Docker: a longer line is written in pieces.</summary>
    private const int LongestPiece = 16 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _json;
    private readonly byte[][] _unfinished = [new byte[LongestPiece], new byte[LongestPiece]];
    private readonly int[] _lengths = [0, 0];
    private long _left;
    private string _now = "";

    /// <param name="path">Made where it is missing, else gone on with.</param>
    /// <param name="time">When a line was written.</param>
    /// <param name="limit">In bytes: what comes when there are so many is not kept. Null: all is.</param>
    internal LogWriter(string path, TimeProvider time, long? limit)
    {
        _file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        _time = time;
        _left = limit ?? long.MaxValue;
        _json = new Utf8JsonWriter(_buffer, Options);
    }

    /// <summary>Why nothing is logged any more; the container goes on all the same.</summary>
    internal string? Problem { get; private set; }

    internal void Write(OutputStream stream, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (Problem is not null)
            {
                return;
            }

            // What was read at once was written at about one time.
            SetNow();
            while (!bytes.IsEmpty)
            {
                bytes = Take(stream, bytes);
            }

            Append();
        }
    }

    /// <summary>Writes what no line feed came for, and makes the log durable where it is to last.</summary>
    internal void Finish(bool sync)
    {
        lock (_lock)
        {
            SetNow();
            EndLine(OutputStream.Output);
            EndLine(OutputStream.Error);
            Append();
            if (!sync)
            {
                return;
            }

            try
            {
                Durable.Sync(_file.SafeFileHandle);
            }
            catch (LinuxException failure)
            {
                Problem ??= failure.Message;
            }
        }
    }

    public void Dispose()
    {
        _json.Dispose();
        _file.Dispose();
    }

    private ReadOnlySpan<byte> Take(OutputStream stream, ReadOnlySpan<byte> bytes)
    {
        ref var length = ref _lengths[(int)stream];
        var end = bytes.IndexOf((byte)'\n');
        var taken = Math.Min(end < 0 ? bytes.Length : end + 1, LongestPiece - length);
        bytes[..taken].CopyTo(_unfinished[(int)stream].AsSpan(length));
        length += taken;
        if (length == LongestPiece || bytes[taken - 1] == (byte)'\n')
        {
            EndLine(stream);
        }

        return bytes[taken..];
    }

    private void EndLine(OutputStream stream)
    {
        var line = _unfinished[(int)stream].AsSpan(0, _lengths[(int)stream]);
        if (line.IsEmpty)
        {
            return;
        }

        _json.Reset();
        _json.WriteStartObject();
        if (Utf8.IsValid(line))
        {
            _json.WriteString("log"u8, line);
        }
        else
        {
            _json.WriteBase64String("bytes"u8, line);
        }

        _json.WriteString("stream"u8, stream == OutputStream.Output ? "stdout"u8 : "stderr"u8);
        _json.WriteString("time"u8, _now);
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        _lengths[(int)stream] = 0;
    }

    private void SetNow() => _now = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private void Append()
    {
        try
        {
            if (Problem is null && _buffer.WrittenCount > 0)
            {
                _file.Write(_buffer.WrittenSpan);
                _left -= _buffer.WrittenCount;
                Problem = _left > 0 ? null : "it is as long as the log of a container in the foreground gets";
            }
        }
        catch (IOException failure)
        {
            Problem = failure.Message;
        }
        _buffer.ResetWrittenCount();
    }
}

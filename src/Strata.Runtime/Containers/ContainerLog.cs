using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Strata.Runtime;

/// <summary>What a container wrote, from its log file.</summary>
public sealed class ContainerLog
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly ContainerDirectory _directory;

    internal ContainerLog(ContainerDirectory directory) => _directory = directory;

    /// <param name="tail">Only this many lines of what is there already; null: all.</param>
    /// <param name="follow">Goes on with what comes, until the container ends.</param>
    /// <param name="time">Paces the following.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<LogRecord> ReadAsync(int? tail, bool follow, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        while (follow && !File.Exists(_directory.LogFile) && _directory.IsAlive)
        {
            await Task.Delay(Pause, time, cancellationToken);
        }

        if (!File.Exists(_directory.LogFile))
        {
            yield break;
        }

        await using var file = new FileStream(
            _directory.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (tail is { } count)
        {
            file.Position = StartOfTail(file, count);
        }

        var lines = new LineReader(file);
        while (true)
        {
            // Asked before reading: when it has ended by then, all it wrote is in the file.
            var ended = !follow || !_directory.IsAlive;
            while (await lines.NextAsync(cancellationToken) is { } line)
            {
                if (Parse(line.Span) is { } record)
                {
                    yield return record;
                }
            }
            if (ended)
            {
                yield break;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Null for a line that a crash of the machine left in pieces.</summary>
    internal static LogRecord? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            var (stream, time, bytes) = (OutputStream.Output, default(DateTimeOffset), Array.Empty<byte>());
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "log":
                        bytes = Unescaped(ref reader);
                        break;
                    case "bytes":
                        bytes = reader.GetBytesFromBase64();
                        break;
                    case "stream":
                        stream = reader.ValueTextEquals("stderr"u8) ? OutputStream.Error : OutputStream.Output;
                        break;
                    case "time":
                        time = DateTimeOffset.Parse(reader.GetString() ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                        break;
                }
            }
            return new LogRecord(stream, time, bytes);
        }
        catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[] Unescaped(ref Utf8JsonReader reader)
    {
        var buffer = new byte[reader.ValueSpan.Length];
        return buffer[..reader.CopyString(buffer)];
    }

    /// <summary>Reads backwards until there are enough line feeds.</summary>
    private static long StartOfTail(FileStream file, int lines)
    {
        var block = new byte[64 * 1024];
        var end = file.Length;
        // The last line's own line feed does not count.
        var wanted = lines + 1;
        for (var at = end; at > 0;)
        {
            var start = Math.Max(0, at - block.Length);
            var part = block.AsSpan(0, (int)(at - start));
            RandomAccess.Read(file.SafeFileHandle, part, start);
            for (var i = part.Length - 1; i >= 0; i--)
            {
                if (part[i] == (byte)'\n' && --wanted == 0)
                {
                    return start + i + 1;
                }
            }
            at = start;
        }
        return lines == 0 ? end : 0;
    }

    /// <summary>Whole lines of a growing file.</summary>
    private sealed class LineReader(FileStream file)
    {
        private byte[] _buffer = new byte[64 * 1024];
        private int _start;
        private int _end;

        /// <summary>Null: there is no further whole line now. The line is valid until the next call.</summary>
        internal async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
        {
            var searched = _start;
            while (true)
            {
                var found = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
                if (found >= 0)
                {
                    var line = _buffer.AsMemory(_start, searched + found - _start);
                    _start = searched + found + 1;
                    return line;
                }
                Compact();
                searched = _end;
                var read = await file.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
                if (read == 0)
                {
                    return null;
                }

                _end += read;
            }
        }

        private void Compact()
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
        }
    }
}

using System.Text;
using CsCheck;
using Strata.Runtime.Containers;
using Strata.Testing;

namespace Strata.Runtime.Tests.Containers;

public sealed class LogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static async Task<List<LogRecord>> Read(string folder, int? tail = null)
    {
        var records = new List<LogRecord>();
        await foreach (var record in new ContainerDirectory(folder).Log.ReadAsync(tail, follow: false, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            records.Add(record);
        }

        return records;
    }

    private LogWriter Writer() => new(_folder.File("container.log"), TimeProvider.System, limit: null);

    private static string Joined(IEnumerable<LogRecord> records) => string.Concat(records.Select(record => Encoding.Latin1.GetString(record.Bytes.Span)));

    [Fact]
    public async Task Any_bytes_come_back_as_they_were_whatever_pieces_they_came_in()
    {
        var number = 0;
        await Gen.Byte.Array[0, 200].Array[0, 8].SampleAsync(
            async pieces =>
            {
                var folder = Directory.CreateDirectory(_folder.File($"f{Interlocked.Increment(ref number)}")).FullName;
                using (var writer = new LogWriter(Path.Combine(folder, "container.log"), TimeProvider.System, limit: null))
                {
                    foreach (var piece in pieces)
                    {
                        writer.Write(OutputStream.Error, piece);
                    }

                    writer.Finish(sync: true);
                }
                Assert.Equal(Encoding.Latin1.GetString(pieces.SelectMany(piece => piece).ToArray()), Joined(await Read(folder)));
            },
            iter: 60);
    }

    [Fact]
    public async Task A_line_longer_than_sixteen_kibibytes_comes_in_pieces()
    {
        using (var writer = Writer())
        {
            writer.Write(OutputStream.Output, Encoding.ASCII.GetBytes(new string('x', 40_000) + "\nshort\n"));
            writer.Finish(sync: true);
        }
        var records = await Read(_folder.Path);
        Assert.Equal([16384, 16384, 7233, 6], records.Select(record => record.Bytes.Length));
    }

    [Fact]
    public async Task The_tail_is_the_last_lines_of_however_long_a_log()
    {
        using (var writer = Writer())
        {
            for (var i = 0; i < 5000; i++)
            {
                writer.Write(OutputStream.Output, Encoding.ASCII.GetBytes($"line {i}\n"));
            }

            writer.Finish(sync: true);
        }
        Assert.Equal("line 4998\nline 4999\n", Joined(await Read(_folder.Path, 2)));
        Assert.Equal(3000, (await Read(_folder.Path, 3000)).Count);
        Assert.Equal(5000, (await Read(_folder.Path, 9000)).Count);
        Assert.Empty(await Read(_folder.Path, 0));
    }

    [Fact]
    public async Task Both_streams_keep_their_own_unfinished_lines()
    {
        using (var writer = Writer())
        {
            writer.Write(OutputStream.Output, "a"u8);
            writer.Write(OutputStream.Error, "b\n"u8);
            writer.Write(OutputStream.Output, "c\n"u8);
            writer.Finish(sync: true);
        }
        Assert.Equal([(OutputStream.Error, "b\n"), (OutputStream.Output, "ac\n")], (await Read(_folder.Path)).Select(record => (record.Stream, Encoding.ASCII.GetString(record.Bytes.Span))));
    }

    [Fact]
    public async Task A_piece_of_a_line_left_by_a_crash_is_passed_over()
    {
        File.WriteAllText(_folder.File("container.log"), "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:05.6Z\"}\n{\"log\":\"b\n{\"log\":\"c\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-02T03:04:05.6Z\"}\n{\"lo");
        Assert.Equal("a\nc\n", Joined(await Read(_folder.Path)));
    }

    [Fact]
    public async Task A_log_with_a_limit_is_cut_there_and_says_so()
    {
        const int limit = 10_000;
        using (var writer = new LogWriter(_folder.File("container.log"), TimeProvider.System, limit))
        {
            for (var i = 0; i < 1000; i++)
            {
                writer.Write(OutputStream.Output, "a line of some length\n"u8);
            }

            writer.Finish(sync: false);
            Assert.NotNull(writer.Problem);
        }
        Assert.InRange(new FileInfo(_folder.File("container.log")).Length, limit, 2 * limit);
        Assert.All(await Read(_folder.Path), record => Assert.Equal("a line of some length\n", Encoding.ASCII.GetString(record.Bytes.Span)));
    }
}

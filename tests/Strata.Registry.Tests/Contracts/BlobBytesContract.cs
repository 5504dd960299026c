using Strata.Registry.Storage;

namespace Strata.Registry.Tests.Contracts;

/// <summary>What every storage of bytes promises. A storage's tests derive from this.</summary>
public abstract class BlobBytesContract
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31 >> 3))];

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>An empty storage that lives as long as the test.</summary>
    protected abstract IBlobBytes Bytes { get; }

    /// <summary>The same storage as a process started later sees it.</summary>
    protected abstract IBlobBytes Reopen();

    [Fact]
    public async Task What_was_sealed_is_read_from_any_offset()
    {
        var place = await WriteAsync(Content);
        await using var reader = await Bytes.OpenAsync(place, Stop);
        Assert.Equal(Content.Length, reader.Length);
        foreach (var offset in (int[])[0, 1, 4095, 99_999])
        {
            Assert.Equal(Content[offset..], await ReadAsync(reader, offset));
        }
        Assert.Empty(await ReadAsync(reader, Content.Length));
    }

    [Fact]
    public async Task Nothing_at_all_can_be_sealed_and_read()
    {
        var place = await WriteAsync([]);
        await using var reader = await Bytes.OpenAsync(place, Stop);
        Assert.Equal(0, reader.Length);
    }

    [Fact]
    public async Task A_place_is_gone_on_with_where_it_was_synced_by_another_process_too()
    {
        var place = BlobPlace.New();
        ReadOnlyMemory<byte> parts;
        await using (var first = await Bytes.AppendAsync(place, 0, default, Stop))
        {
            await first.WriteAsync(Content.AsMemory(0, 60_000), Stop);
            parts = await first.SyncAsync(Stop);
            // Never acknowledged: another process must not see it.
            await first.WriteAsync(Content.AsMemory(0, 5_000), Stop);
        }
        var later = Reopen();
        await using (var second = await later.AppendAsync(place, 60_000, parts, Stop))
        {
            Assert.Equal(60_000, second.Length);
            var back = new byte[60_000];
            for (var read = 0; read < back.Length;)
            {
                read += await second.ReadBackAsync(back.AsMemory(read), read, Stop);
            }
            Assert.Equal(Content[..60_000], back);
            await second.WriteAsync(Content.AsMemory(60_000), Stop);
            await second.SealAsync(Stop);
        }
        await using var reader = await later.OpenAsync(place, Stop);
        Assert.Equal(Content, await ReadAsync(reader, 0));
    }

    [Fact]
    public async Task A_place_that_lost_acknowledged_bytes_says_so()
    {
        await Assert.ThrowsAsync<BlobBytesLostException>(async () => await Bytes.AppendAsync(BlobPlace.New(), 10, default, Stop));
        await Assert.ThrowsAsync<BlobBytesLostException>(async () => await Bytes.OpenAsync(BlobPlace.New(), Stop));
    }

    [Fact]
    public async Task A_deleted_place_is_gone_and_deleting_it_again_is_no_error()
    {
        var place = await WriteAsync(Content);
        var reader = await Bytes.OpenAsync(place, Stop);
        await Bytes.DeleteAsync(place, Stop);
        await Bytes.DeleteAsync(place, Stop);
        await Bytes.DeleteAsync(BlobPlace.New(), Stop);
        await Assert.ThrowsAsync<BlobBytesLostException>(async () => await Bytes.OpenAsync(place, Stop));
        // Who opened it before reads on.
        Assert.Equal(Content, await ReadAsync(reader, 0));
        await reader.DisposeAsync();
    }

    private async Task<BlobPlace> WriteAsync(byte[] content)
    {
        var place = BlobPlace.New();
        await using var appender = await Bytes.AppendAsync(place, 0, default, Stop);
        await appender.WriteAsync(content, Stop);
        await appender.SealAsync(Stop);
        return place;
    }

    private static async Task<byte[]> ReadAsync(BlobReader reader, long offset)
    {
        using var result = new MemoryStream();
        var buffer = new byte[7_000];
        while (await reader.ReadAsync(buffer, offset + result.Length, Stop) is var read and > 0)
        {
            result.Write(buffer, 0, read);
        }
        return result.ToArray();
    }
}

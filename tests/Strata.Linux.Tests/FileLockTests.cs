namespace Strata.Linux.Tests;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Another_process_is_waited_for()
    {
        var ct = TestContext.Current.CancellationToken;
        var path = _host["lock"];
        var (input, release) = Pipes.Create();
        var (ready, output) = Pipes.Create();
        using var holder = ChildProcess.Start(Shell.Script($"exec flock {path} -c 'echo held; cat'") with
        {
            Descriptors = [(input, 0), (output, 1)],
        });
        output.Dispose();
        input.Dispose();
        using var held = new DescriptorStream(ready);
        Assert.Equal('h', held.ReadByte());

        Assert.Null(FileLock.TryAcquire(path, exclusive: true));
        Assert.Null(FileLock.TryAcquire(path, exclusive: false));
        var waiting = FileLock.AcquireAsync(path, exclusive: true, ct);
        var blocked = Task.Run(() => FileLock.Acquire(path, exclusive: true, ct), ct);
        Assert.False(waiting.IsCompleted || blocked.IsCompleted);
        release.Dispose();
        // Whoever is second gets it when the first lets go.
        var first = await Task.WhenAny(waiting, blocked);
        (await first).Dispose();
        (await (first == waiting ? blocked : waiting)).Dispose();
        Assert.True((await holder.WaitAsync(ct)).IsSuccess);
    }

    [Fact]
    public void Readers_share_and_a_writer_excludes_them()
    {
        using (var one = FileLock.TryAcquire(_host["lock"], exclusive: false))
        using (var two = FileLock.TryAcquire(_host["lock"], exclusive: false))
        {
            Assert.NotNull(one);
            Assert.NotNull(two);
            Assert.Null(FileLock.TryAcquire(_host["lock"], exclusive: true));
        }
        using var writer = FileLock.TryAcquire(_host["lock"], exclusive: true);
        Assert.NotNull(writer);
        Assert.Null(FileLock.TryAcquire(_host["lock"], exclusive: false));
        Assert.Equal(0x180u, HostFile.Status(_host["lock"], follow: false)!.Value.Mode);
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_cancelled()
    {
        using var writer = FileLock.TryAcquire(_host["lock"], exclusive: true);
        using var cancel = new CancellationTokenSource();
        var waiting = FileLock.AcquireAsync(_host["lock"], exclusive: true, cancel.Token);
        var blocked = Task.Run(() => FileLock.Acquire(_host["lock"], exclusive: true, cancel.Token), TestContext.Current.CancellationToken);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocked);
    }

    [Fact]
    public void A_lock_on_a_removed_file_does_not_exclude_the_new_one()
    {
        using var old = FileLock.TryAcquire(_host["lock"], exclusive: true);
        File.Delete(_host["lock"]);
        using var fresh = FileLock.TryAcquire(_host["lock"], exclusive: true);
        Assert.NotNull(fresh);
        Assert.Null(FileLock.TryAcquire(_host["lock"], exclusive: true));
    }

    [Fact]
    public void Many_racing_for_a_file_that_is_removed_each_time_never_hold_it_together()
    {
        var (holders, most) = (0, 0);
        var racers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                FileLock? taken;
                while ((taken = FileLock.TryAcquire(_host["lock"], exclusive: true)) is null)
                {
                    Thread.Yield();
                }

                using var held = taken;
                InterlockedMax(ref most, Interlocked.Increment(ref holders));
                // Who removes the file gives up what it excludes by it.
                Interlocked.Decrement(ref holders);
                File.Delete(_host["lock"]);
            }
        })).ToList();
        racers.ForEach(r => r.Start());
        racers.ForEach(r => r.Join());
        Assert.Equal(1, most);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (value > seen && Interlocked.CompareExchange(ref target, value, seen) is var now && now != seen)
        {
            seen = now;
        }
    }
}

using Strata.Linux;
using Strata.Runtime.Containers;

namespace Strata.Runtime.Tests.Containers;

/// <summary>What a container's files say while nothing of it, or not yet everything, is there. Needs no runtime.</summary>
public sealed class ContainerDirectoryTests : IDisposable
{
    private readonly ContainerDirectory _container = new(Directory.CreateTempSubdirectory("container-test-").FullName);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => HostFile.RemoveTree(_container.Path);

    private FileLock Own() => FileLock.Acquire(_container.OwnerLock, exclusive: true, Ct);

    private FileLock Live() => FileLock.Acquire(_container.AliveLock, exclusive: true, Ct);

    private void Requested() => File.WriteAllText(_container.RequestFile, "{}");

    private void Started() =>
        ContainerDirectory.Write(_container.StartFile, new ContainerStart(DateTimeOffset.UnixEpoch), RuntimeJson.Plain.ContainerStart, durable: false);

    private void Exited() => ContainerDirectory.Write(
        _container.ExitFile, new ContainerExit { Code = 3, FinishedAt = DateTimeOffset.UnixEpoch }, RuntimeJson.Plain.ContainerExit, durable: true);

    [Fact]
    public void A_monitor_that_has_made_its_lock_file_but_not_locked_it_yet_is_starting_not_dead()
    {
        using var owner = Own();
        Requested();
        Assert.Equal(ContainerPhase.Starting, _container.Status().Phase);
        File.WriteAllText(_container.AliveLock, "");
        Assert.Equal(ContainerPhase.Starting, _container.Status().Phase);
    }

    [Fact]
    public void A_start_that_was_abandoned_before_there_was_a_monitor_is_dead()
    {
        using (Own())
        {
            Assert.Equal(ContainerPhase.Created, _container.Status().Phase);
            Requested();
        }
        Assert.Equal(ContainerPhase.Dead, _container.Status().Phase);
        Assert.True(_container.TryRemove());
    }

    [Fact]
    public void A_container_whose_monitor_was_killed_is_dead_even_before_its_owner_knows()
    {
        using var owner = Own();
        Requested();
        using (Live())
        {
            Assert.Equal(ContainerPhase.Starting, _container.Status().Phase);
            Started();
            Assert.Equal(ContainerPhase.Running, _container.Status().Phase);
        }
        Assert.Equal(ContainerPhase.Dead, _container.Status().Phase);
    }

    [Fact]
    public void An_ended_container_has_an_owner_until_its_end_is_read()
    {
        Assert.False(_container.HasOwner);
        using (Own())
        {
            Requested();
            Started();
            Exited();
            Assert.Equal(ContainerPhase.Exited, _container.Status().Phase);
            Assert.True(_container.HasOwner);
        }
        Assert.False(_container.HasOwner);
        Assert.Equal(3, _container.Status().Exit!.Code);
        Assert.NotNull(_container.Status().StartedAt);
    }

    [Fact]
    public async Task Waiting_for_a_container_that_is_being_started_waits_for_its_end()
    {
        Task<ContainerExit?> waiting;
        using (Own())
        {
            Requested();
            waiting = _container.WaitAsync(Ct);
            using (Live())
            {
                Assert.False(waiting.IsCompleted);
                Started();
                Exited();
            }
        }
        Assert.Equal(3, (await waiting)!.Code);
    }

    [Fact]
    public void What_is_told_a_container_that_is_being_started_waits_for_its_monitor()
    {
        using var owner = Own();
        _container.MakeControlPipe();
        using var starter = _container.OpenControl();
        Requested();
        Assert.True(_container.Signal(SignalNumber.SIGTERM));
        using var monitor = new StreamReader(_container.OpenControl());
        Assert.Equal("signal 15", monitor.ReadLine());
    }

    [Fact]
    public void How_it_ended_is_written_where_room_was_kept_when_there_is_none_left()
    {
        Assert.SkipUnless(Credentials.IsRoot && Credentials.Has(Capability.SysAdmin), "needs root");
        Mounts.Tmpfs(_container.Path, "size=1100k");
        try
        {
            _container.Reserve();
            Assert.ThrowsAny<IOException>(() => File.WriteAllBytes(_container.LogFile, new byte[128 * 1024]));
            Started();
            Exited();
            Assert.Equal(3, _container.Status().Exit!.Code);
            Assert.Equal(DateTimeOffset.UnixEpoch, _container.Status().StartedAt);
        }
        finally
        {
            Mounts.Unmount(_container.Path, detach: true);
        }
    }
}

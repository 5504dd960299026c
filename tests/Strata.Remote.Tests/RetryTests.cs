using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Strata.Oci;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;
using static Strata.Remote.Tests.ScriptedHandler;

namespace Strata.Remote.Tests;

/// <summary>What is tried again, how often, and that it is told.</summary>
public sealed class RetryTests
{
    private static readonly Descriptor Blob = RandomImage.Create(1).ConfigDescriptor;
    private readonly Notices _notices = new();

    // Ten seconds of patience for what a registry speaks are half a second: a machine at work may need that.
    private static readonly HastyTime Unhurried = new(20);

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, SocketError.ConnectionRefused, Host, 3)]
    [InlineData(HttpRequestError.NameResolutionError, SocketError.HostNotFound, Host, 1)]
    [InlineData(HttpRequestError.NameResolutionError, SocketError.TryAgain, Host, 3)]
    [InlineData(HttpRequestError.SecureConnectionError, SocketError.Success, Host, 1)]
    [InlineData(HttpRequestError.ResponseEnded, SocketError.ConnectionReset, Host, 5)]
    public async Task What_cannot_heal_fails_at_once_and_the_rest_is_tried_a_few_times_in_ten_seconds(HttpRequestError kind, SocketError socket, string host, int tries)
    {
        var handler = new ScriptedHandler(new Func<HttpRequestMessage, HttpResponseMessage>(_ => throw new HttpRequestException(kind, "no", new SocketException((int)socket))));
        await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler, host: host, reach: Told).HasBlobAsync(Blob, Stop));
        Assert.Equal(tries, handler.Requests.Count(request => request.StartsWith("HEAD", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(1, tries - 1), _notices.Seen.Select(notice => notice.Failure));
        Assert.All(_notices.Seen, notice => Assert.Equal((host, tries), (notice.Registry, notice.Tries)));
        Assert.InRange(_notices.Seen.Sum(notice => notice.Wait.TotalSeconds), 0, 10);
    }

    [Theory]
    [InlineData("127.0.0.1:5000")]
    [InlineData("localhost:5000")]
    public async Task Nobody_listening_on_this_machine_is_known_after_two_seconds(string host)
    {
        var handler = Refusing(times: int.MaxValue);
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler, time: Unhurried, host: host, reach: Told).HasBlobAsync(Blob, Stop));
        Assert.Equal($"No connection to {host}: Connection refused (tried 3 times).", error.Message);
        Assert.Contains("strata registry serve", error.Hint, StringComparison.Ordinal);
        Assert.Equal(3, handler.Requests.Count);
        Assert.Equal([1, 2], _notices.Seen.Select(notice => notice.Failure));
        Assert.InRange(_notices.Seen.Sum(notice => notice.Wait.TotalSeconds), 0, 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_registry_of_this_machine_that_begins_again_is_waited_for_and_then_asked_what_it_speaks(int times)
    {
        var handler = Refusing(times);
        Assert.True(await Repository(handler, time: Unhurried, host: "127.0.0.1:5000", reach: Told).HasBlobAsync(Blob, Stop));
        Assert.Equal(times, _notices.Seen.Count);
        Assert.StartsWith("HEAD http://127.0.0.1:5000/", handler.Requests.Last(), StringComparison.Ordinal);
    }

    /// <summary>Refuses connections so many times, and then speaks plain HTTP.</summary>
    private static ScriptedHandler Refusing(int times)
    {
        var asked = 0;
        return new ScriptedHandler(request =>
            asked++ < times ? throw new HttpRequestException(HttpRequestError.ConnectionError, "no", new SocketException((int)SocketError.ConnectionRefused))
            : request.RequestUri!.Scheme == Uri.UriSchemeHttps ? throw new HttpRequestException(HttpRequestError.SecureConnectionError, "no TLS")
            : Answer(HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_silent_server_is_asked_twice()
    {
        var handler = new ScriptedHandler(_ => new TaskCompletionSource<HttpResponseMessage>().Task);
        using var client = new RegistryClient(handler, new RegistryClientOptions { Time = HastyTime.Instance, IdleTimeout = TimeSpan.FromSeconds(60) });
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await client.Repository(Host, RepositoryName.Parse("app"), Told).HasBlobAsync(Blob, Stop));
        Assert.Contains("there was no answer for 60 seconds", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task A_registry_that_stays_silent_when_asked_what_it_speaks_is_asked_once_and_holds_up_no_other()
    {
        var asked = new TaskCompletionSource();
        var said = new TaskCompletionSource<HttpResponseMessage>();
        var handler = new ScriptedHandler(request =>
        {
            if (request.RequestUri!.AbsolutePath != "/v2/" || request.RequestUri.Port != 5000)
            {
                return Task.FromResult(Answer(HttpStatusCode.OK));
            }
            asked.TrySetResult();
            return said.Task;
        });
        using var client = Client(handler, time: new FakeTimeProvider());
        Task<bool> HasAsync(string registry) => client.Repository(registry, RepositoryName.Parse("app")).HasBlobAsync(Blob, Stop).AsTask();
        Task<bool>[] waiting = [HasAsync("127.0.0.1:5000"), HasAsync("127.0.0.1:5000")];
        await asked.Task.WaitAsync(Stop);
        Assert.True(await HasAsync("127.0.0.1:5001").WaitAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.True(await HasAsync(Host).WaitAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        said.SetResult(Answer(HttpStatusCode.OK));
        Assert.All(await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromMinutes(1), Stop), Assert.True);
        Assert.Single(handler.Requests, "GET https://127.0.0.1:5000/v2/");
    }

    [Fact]
    public async Task A_wait_ends_at_once_when_the_caller_stops()
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.ServiceUnavailable, "", ("Retry-After", "20")));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var asking = Repository(handler, time: new FakeTimeProvider()).HasBlobAsync(Blob, stop.Token).AsTask();
        Assert.False(asking.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A_date_to_come_back_at_is_waited_for()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var busy = true;
        var handler = new ScriptedHandler(_ => busy ? Answer(HttpStatusCode.TooManyRequests, "", ("Retry-After", "Fri, 02 Jan 2026 03:04:17 GMT")) : Answer(HttpStatusCode.OK));
        var asking = Repository(handler, time: time, reach: Told).HasBlobAsync(Blob, Stop).AsTask();
        Assert.Equal(TimeSpan.FromSeconds(12), Assert.Single(_notices.Seen).Wait);
        busy = false;
        time.Advance(TimeSpan.FromSeconds(12));
        Assert.True(await asking.WaitAsync(TimeSpan.FromMinutes(1), Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_reasons_of_a_refusal_are_not_waited_for_without_end(bool endless)
    {
        var handler = new ScriptedHandler(_ => Bytes(HttpStatusCode.Forbidden, endless ? new ZeroStream() : new SilentStream()));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler).HasBlobAsync(Blob, Stop).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.Equal(HttpStatusCode.Forbidden, error.Status);
    }

    private Reach Told => new() { Retries = _notices };

    private sealed class SilentStream : Content.Streams.ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }

    private sealed class ZeroStream : Content.Streams.ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => buffer.Length;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(buffer.Length);
    }
}

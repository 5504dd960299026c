using System.Collections.Concurrent;
using Strata.Remote.Retrying;

namespace Strata.Remote.Tests;

/// <summary>Keeps what people would have been told.</summary>
internal sealed class Notices : IProgress<RetryNotice>
{
    public ConcurrentQueue<RetryNotice> Seen { get; } = new();

    public void Report(RetryNotice value) => Seen.Enqueue(value);
}

using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Host.Registries;

/// <summary>A tag as it is in a registry.</summary>
public sealed record TagView(Tag Tag, Descriptor? Manifest, long? ContentSize);

/// <summary>One change of a tag.</summary>
public sealed record TagChange(long Id, Digest? From, Digest? To, string? By, DateTimeOffset At);

public sealed class RegistryAccess(HostEnvironment environment) : IDisposable
{
    public HostEnvironment E => environment;
    public Task<CopyResult> ReachAsync(string what, Reference name, Func<MemoryMedium, Task<CopyResult>> use) => throw new StrataException("not yet");
    public Task<string> LoginAsync(string where, string user, string secret, CancellationToken ct) => throw new StrataException("not yet");
    public Task<bool> LogoutAsync(string where, CancellationToken ct) => throw new StrataException("not yet");
    public IAsyncEnumerable<TagView> TagsAsync(Reference reference, bool details, CancellationToken ct) => throw new StrataException("not yet");
    public Task<IReadOnlyList<TagChange>> TagHistoryAsync(Reference reference, CancellationToken ct) => throw new StrataException("not yet");
    public Task<TagChange> RollbackAsync(Reference reference, Digest? to, CancellationToken ct) => throw new StrataException("not yet");
    public void Dispose() { }
}

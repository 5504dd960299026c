using Strata.Oci;

namespace Strata.Remote;

/// <summary>One change of a tag, as registries of Strata remember it. No <paramref name="From"/>: the tag was made; no <paramref name="To"/>: removed.</summary>
public sealed record TagChange(long Id, Digest? From, Digest? To, string? By, DateTimeOffset At);

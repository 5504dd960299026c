using Strata.Content.Layers;
using Strata.Linux;

namespace Strata.Build;

/// <summary>A step whose inputs are all known, so that its key is.</summary>
/// <param name="Facts">Everything its result depends on.</param>
/// <param name="Work">Does it; throws <see cref="FileChangedException"/> when the facts are no longer true.</param>
/// <param name="Warnings">For the user, once it's clear that nothing has to start again.</param>
internal sealed record PreparedStep(FactList Facts, Func<CancellationToken, Task<StepWork>> Work, IReadOnlyList<string> Warnings);

/// <summary>What a step made.</summary>
/// <param name="Layer">In the store already; null when nothing changed.</param>
/// <param name="Newest">The latest time in it.</param>
internal sealed record StepWork(LayerIndex? Layer, FileTime Newest)
{
    public CachedStep ToCached() => new(Layer?.DiffId, Layer?.TarSize ?? 0, Newest);
}

namespace Strata.Content.Layers;

/// <summary>
/// Paths in <see cref="PathOrder"/>, wherever they lie packed; one may come more than once. As a struct, it costs a search nothing.
/// </summary>
public interface IPathsInOrder
{
    int Count { get; }

    ReadOnlySpan<byte> this[int position] { get; }
}

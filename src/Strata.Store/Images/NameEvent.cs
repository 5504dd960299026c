using Strata.Oci;

namespace Strata.Store;

public enum NameAction
{
    /// <summary>The name came to mean an image, or another one.</summary>
    Moved = 0,
    Removed = 1,
}

/// <summary>What a name stands for.</summary>
public sealed record NameTarget(Digest Image, Digest? Manifest);

/// <summary>One change of a name.</summary>
/// <param name="Number">Grows with time over all names.</param>
/// <param name="From">Null where there was no such name before.</param>
/// <param name="To">Null where there was none afterwards.</param>
public sealed record NameEvent(long Number, Reference Name, DateTimeOffset At, string Who, NameAction Action, NameTarget? From, NameTarget? To);

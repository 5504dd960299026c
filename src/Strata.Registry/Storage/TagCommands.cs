using Strata.Oci;

namespace Strata.Registry.Storage;

/// <summary>
/// Rolls a tag back to a manifest of its repository; without <see cref="To"/>, to what it meant before its newest change that was not
/// itself undone. Repeated, it goes further back each time, to the first meaning. A <see cref="To"/> the tag had before undoes all that
/// came since; another one is a new meaning.
/// </summary>
public sealed record MoveTag(RepositoryName Repository, Tag Tag, Digest? To, string By, DateTimeOffset At);

/// <summary>What became of a <see cref="MoveTag"/>.</summary>
public abstract record MoveTagResult
{
    private MoveTagResult()
    {
    }

    /// <summary><paramref name="From"/> is null when the tag was not there.</summary>
    public sealed record Moved(Digest? From, Digest To) : MoveTagResult;

    /// <summary>The tag is at its beginning already, or was never there.</summary>
    public sealed record NoEarlier : MoveTagResult;

    /// <summary>The manifest it would go to is not in the repository any more.</summary>
    public sealed record ManifestUnknown(Digest To) : MoveTagResult;
}

public sealed record DeleteTag(RepositoryName Repository, Tag Tag, string By, DateTimeOffset At);

/// <summary>One change of a tag. <see cref="From"/> is null when it was made, <see cref="To"/> when it was removed.</summary>
public sealed record TagChange(long Id, Digest? From, Digest? To, string By, DateTimeOffset At);

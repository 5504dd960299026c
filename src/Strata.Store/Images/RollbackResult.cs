using Strata.Oci;

namespace Strata.Store;

/// <summary>How going back to an earlier meaning of a name went. A closed family.</summary>
public abstract record RollbackResult
{
    private RollbackResult()
    {
    }

    public sealed record RolledBack(NameEvent Event) : RollbackResult;

    /// <summary>The name never meant another image, or not so many.</summary>
    public sealed record NothingEarlier : RollbackResult;

    /// <summary>What it meant then has been removed from the store.</summary>
    public sealed record Gone(Digest Image) : RollbackResult;
}

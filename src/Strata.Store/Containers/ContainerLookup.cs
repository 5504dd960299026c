namespace Strata.Store;

/// <summary>What a person's text (a name, an id or its beginning) means. A closed family.</summary>
public abstract record ContainerLookup
{
    private ContainerLookup()
    {
    }

    public sealed record Found(ContainerRecord Container) : ContainerLookup;

    public sealed record NotFound : ContainerLookup;

    /// <summary>Several ids begin like this.</summary>
    public sealed record Ambiguous(IReadOnlyList<string> Ids) : ContainerLookup;
}

public enum AddContainerResult
{
    Added,
    NameTaken,

    /// <summary>The image is not in the store.</summary>
    NoImage,
}

namespace Strata.Host.Images;

/// <summary>When a name is resolved at its registry anew, as docker's <c>--pull</c>.</summary>
public enum PullPolicy
{
    /// <summary>Only when there is no image of that name here.</summary>
    Missing,

    /// <summary>Every time; what is the same is not fetched again.</summary>
    Always,

    /// <summary>The image is here, or it is an error.</summary>
    Never,
}

using Strata.Oci;

namespace Strata.Build;

/// <summary>A tree that COPY reads: a folder of this machine behind its ignore file, or the file system of an image or stage.</summary>
internal interface ISourceTree
{
    /// <summary>No link is followed. Null where there's nothing, or nothing that may be seen.</summary>
    SourceEntry? Find(ImagePath path);

    /// <summary>In the order of paths.</summary>
    IEnumerable<SourceEntry> Children(ImagePath directory);

    /// <summary>Everything below, in the order of paths, parents first.</summary>
    IReadOnlyList<SourceEntry> Walk(ImagePath directory, CancellationToken cancellationToken);

    /// <summary>Why something that exists can't be seen: <c>.dockerignore line 3 (*.log)</c>; null where it just isn't there.</summary>
    string? WhyHidden(ImagePath path);

    /// <summary>As a sentence names it: "the build context", "stage build".</summary>
    string Description { get; }
}

using Strata.Oci;

namespace Strata.Content.Media.Archives;

/// <summary>Takes the files of an archive that can be read only once, in the order in which they come, and gives them back.</summary>
public interface IBlobIntake
{
    /// <param name="content">Read to its end.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="claimed">What the archive says the digest is; other content is refused. Null where it says nothing.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="Streams.ContentMismatchException">The content is not what is claimed.</exception>
    ValueTask<Digest> TakeAsync(Stream content, long size, Digest? claimed, CancellationToken cancellationToken);

    /// <summary>What was taken, verifying itself.</summary>
    Stream Open(Digest digest);
}

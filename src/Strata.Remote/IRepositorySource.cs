using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Remote;

/// <summary>A repository to read from, wherever it is to be had: at its own place, or at mirrors of it.</summary>
public interface IRepositorySource : IImageReader, IReferrerReader
{
    /// <summary>Its tags; from where the image came that was read before, if one was.</summary>
    Task<IReadOnlyList<Tag>> AllTagsAsync(CancellationToken cancellationToken);
}

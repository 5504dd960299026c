using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Gives images their names.</summary>
public static class ImageNaming
{
    /// <param name="names">Of the store.</param>
    /// <param name="name">Gets <c>latest</c> if it has neither tag nor digest.</param>
    /// <param name="image">The image's id.</param>
    /// <param name="manifest">The manifest or index meant; null leaves it open.</param>
    /// <exception cref="StrataException">Somebody else has removed the image meanwhile.</exception>
    public static void Give(this NameStore names, Reference name, Digest image, Digest? manifest)
    {
        if (!names.Move(name, image, manifest))
        {
            throw new StrataException($"{name.Familiar} stays what it was: the image {image.Short} was removed from the store meanwhile", "do it again");
        }
    }
}

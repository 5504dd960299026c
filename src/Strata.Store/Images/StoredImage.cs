using Strata.Oci;

namespace Strata.Store;

/// <summary>An image in the store.</summary>
/// <param name="ConfigBytes">The bytes whose digest is <paramref name="Id"/>.</param>
/// <param name="Manifests">The manifests that are this image, as they came or were made, the latest first.</param>
public sealed record StoredImage(Digest Id, ReadOnlyMemory<byte> ConfigBytes, ImageConfig Config, IReadOnlyList<Digest> Manifests)
{
    /// <summary>Diff ids, lowest first.</summary>
    public IReadOnlyList<Digest> Layers => Config.RootFs.DiffIds;
}

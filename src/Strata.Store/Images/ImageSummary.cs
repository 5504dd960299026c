using Strata.Oci;

namespace Strata.Store;

/// <summary>One image in a listing.</summary>
/// <param name="Size">Of its layers unpacked, in bytes; of the compressed blob for a layer that has not been unpacked yet.</param>
/// <param name="Names">In alphabetical order; empty for an image that only its id leads to.</param>
/// <param name="Containers">How many containers are made of it.</param>
public sealed record ImageSummary(Digest Id, IReadOnlyList<ImageName> Names, DateTimeOffset? Created, DateTimeOffset Added, long Size, int Containers);

/// <param name="Manifest">What the name stands for, where that is a known manifest or index.</param>
public sealed record ImageName(Reference Reference, Digest? Manifest);

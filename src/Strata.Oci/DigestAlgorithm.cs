namespace Strata.Oci;

/// <summary>The registered digest algorithms (image-spec descriptor.md, "Registered algorithms").</summary>
public enum DigestAlgorithm
{
    Sha256,
    Sha512,
}

using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>The names of files in an image layout (image-spec image-layout.md), in a directory and in an archive.</summary>
internal static class LayoutPaths
{
    public const string Marker = "oci-layout";
    public const string Index = "index.json";
    public const string Blobs = "blobs";
    public const string Version = "1.0.0";

    public static ReadOnlySpan<byte> MarkerContent => """{"imageLayoutVersion":"1.0.0"}"""u8;

    public static string Of(Digest digest) => $"{Folder(digest.Algorithm)}/{digest.Hex}";

    public static string Folder(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? "blobs/sha256" : "blobs/sha512";

    /// <summary>The digest that a blob's name claims; null for what is no blob.</summary>
    public static Digest? DigestOf(string name) =>
        name.Split('/') is [Blobs, var algorithm, var hex] && Digest.TryParse($"{algorithm}:{hex}", out var digest) ? digest : null;
}

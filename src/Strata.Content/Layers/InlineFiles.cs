using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>The files whose content an index carries, so that users and the distribution are known without opening a layer.</summary>
public static class InlineFiles
{
    public const int LargestSize = 64 * 1024;

    private static readonly HashSet<ImagePath> Paths =
    [
        ImagePath.Parse("etc/passwd"),
        ImagePath.Parse("etc/group"),
        ImagePath.Parse("etc/os-release"),
        ImagePath.Parse("usr/lib/os-release"),
        ImagePath.Parse("etc/alpine-release"),
        ImagePath.Parse("etc/debian_version"),
    ];

    public static bool Wants(ImagePath path, long size) => size <= LargestSize && Paths.Contains(path);

    // Assigned directly, an array that is null would become an empty content: a file that is kept, and empty.
    internal static ReadOnlyMemory<byte>? Of(byte[]? content) => content is null ? default(ReadOnlyMemory<byte>?) : content;
}

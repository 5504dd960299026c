using Strata.Content.Streams;

namespace Strata.Content.Media.Archives;

internal static class ArchiveFileReading
{
    /// <summary>All bytes of a small file; null when it is not there.</summary>
    public static async ValueTask<byte[]?> ReadAsync(this IArchiveFiles files, string name, int limit, CancellationToken cancellationToken)
    {
        if (files.Find(name) is not { } member)
        {
            return null;
        }
        await using var content = files.Open(member);
        return await BoundedStream.ReadAllAsync(content, limit, $"The archive's {name}", cancellationToken);
    }
}

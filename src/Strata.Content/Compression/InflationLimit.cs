namespace Strata.Content.Compression;

/// <summary>
/// How much may come out of compressed data: a few megabytes of zstd can unpack to more than any disk holds. Small contents may have any
/// ratio, as images of empty disks have high ones.
/// </summary>
internal sealed record InflationLimit
{
    public static InflationLimit Default { get; } = new();

    /// <summary>Bytes that may always come out.</summary>
    public long Always { get; init; } = 16L * 1024 * 1024 * 1024;

    /// <summary>Beyond that, how many times what went in. Software rarely reaches 20.</summary>
    public int Ratio { get; init; } = 200;
}

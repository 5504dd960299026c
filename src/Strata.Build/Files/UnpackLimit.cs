using Strata.Content.Layers;

namespace Strata.Build;

/// <summary>How large an archive may become when ADD unpacks it: a small file must not fill the disk.</summary>
internal sealed record UnpackLimit
{
    public static UnpackLimit Default { get; } = new();

    /// <summary>Bytes that every archive may have, however well it is compressed.</summary>
    public long Always { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Beyond that, how many times its own size. Software rarely reaches 20; gzip can't go past about 1,030.</summary>
    public int Ratio { get; init; } = 200;

    /// <summary>Bytes that an archive of <paramref name="size"/> bytes may have unpacked; never more than any layer.</summary>
    public long For(long size)
    {
        var most = IndexLimits.Default.TotalSize;
        return size > most / Ratio ? most : Math.Max(Always, size * Ratio);
    }
}

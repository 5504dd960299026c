using System.CommandLine;
using Strata.Content.Compression;
using Strata.Host;
using Strata.Oci;

namespace Strata.Cli.Verbs;

/// <summary>How layers are to be compressed where they go: the same two options wherever that can be said.</summary>
internal sealed class CompressionOptions
{
    private const string Keep = "keep";

    private readonly Option<string?> _compression = new("--compression")
    {
        Description = "What layers are compressed with: gzip, zstd, none, or keep for as they are",
        HelpName = "KIND",
    };

    private readonly Option<int?> _level = new("--compression-level") { Description = "gzip: 0 to 9 (5); zstd: 1 to 19 (3)", HelpName = "N" };

    public void AddTo(Command command)
    {
        command.Options.Add(_compression);
        command.Options.Add(_level);
    }

    /// <summary>Whether it was said that layers stay as they are.</summary>
    public bool IsKeep(ParseResult parse) => parse.GetValue(_compression) == Keep;

    /// <summary>Null where nothing was said, or that they stay as they are.</summary>
    public LayerForm? Form(ParseResult parse)
    {
        var level = parse.GetValue(_level);
        LayerCompression? compression = parse.GetValue(_compression) switch
        {
            "gzip" => LayerCompression.Gzip,
            "zstd" => LayerCompression.Zstd,
            "none" when level is null => LayerCompression.None,
            null or Keep when level is null => null,
            null or Keep or "none" => throw new StrataException("--compression-level needs --compression gzip or zstd beside it"),
            var other => throw new StrataException($"'{other}' is no compression of layers", "there are gzip, zstd, none and keep"),
        };
        if (compression is not { } kind)
        {
            return null;
        }
        var (least, most) = kind == LayerCompression.Zstd ? (ZstdFrameStream.MinLevel, ZstdFrameStream.MaxLevel) : (0, GzipBlockStream.MaxLevel);
        return level is null || (level >= least && level <= most)
            ? new LayerForm(kind, level)
            : throw new StrataException($"there is no compression level {level} for {parse.GetValue(_compression)}", $"levels are {least} to {most}");
    }
}

using System.Text;
using Strata.Content.Compression;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Dockerfile;
using Strata.Fuzz.Targets;
using Strata.Oci;
using Strata.Remote.Authentication;

namespace Strata.Fuzz;

/// <summary>Every parser of untrusted bytes. What a parser promises beyond "no crash" is asserted here.</summary>
public static class FuzzTargets
{
    // Holes cost no bytes of input: what a sparse member claims to hold is read only so far.
    private const long ReadOfOneMember = 1 << 20;

    private static readonly IndexLimits Limits = new() { Entries = 100_000, MetadataSize = 64 << 20, TotalSize = 16 << 20 };

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("tar", input => ReadTar(TarChecksums.Stamp(input)), Seeds.Tars),
        new("layer", input => IndexLayer(TarChecksums.Stamp(input)), Seeds.Layers),
        new("index-file", ReadIndexFile, Seeds.IndexFiles),
        new("manifest", ReadManifest, Seeds.Manifests),
        new("config", ReadConfig, Seeds.Configs),
        new("reference", ReadReference, Seeds.None),
        new("challenge", ReadChallenge, Seeds.None),
        new("dockerfile", ReadDockerfile, Seeds.None),
        new("ignore-file", ReadIgnoreFile, Seeds.None),
        new("archive", ArchiveTarget.Read, MediaSeeds.Archives),
        new("layout", LayoutTarget.Read, MediaSeeds.Layouts),
        new("header", HeaderTarget.Read, Seeds.Answers),
        new("settings", SettingsTarget.Read, Seeds.None),
        new("template", TemplateTarget.Read, Seeds.None),
    ];

    public static FuzzTarget Find(string name) => All.Single(target => target.Name == name);

    private static void ReadTar(byte[] input)
    {
        var buffer = new byte[16 * 1024];
        using var reader = new TarReader(new MemoryStream(input), TarLimits.Default, CancellationToken.None);
        try
        {
            while (reader.ReadNext() is not null)
            {
                for (long taken = 0; taken < ReadOfOneMember && reader.Read(buffer) is var read and > 0; taken += read)
                {
                }
                if (reader.Position > input.Length)
                {
                    throw new InvalidOperationException($"The reader says it took {reader.Position} of {input.Length} bytes.");
                }
            }
        }
        catch (InvalidTarException)
        {
        }
    }

    private static void IndexLayer(byte[] input)
    {
        using var tar = new MemoryStream();
        try
        {
            using (var plain = LayerDecompression.Open(new MemoryStream(input)))
            {
                CopyUpTo(plain, tar, Limits.TotalSize);
            }
            tar.Position = 0;
            var index = LayerIndexer.Index(tar, Limits, CancellationToken.None);
            VisitAll(index);
        }
        catch (Exception error) when (error is InvalidLayerException or InvalidDataException)
        {
        }
    }

    private static void ReadIndexFile(byte[] input)
    {
        try
        {
            VisitAll(LayerIndex.Parse(IndexFileHashes.Stamp(input)));
        }
        catch (InvalidDataException)
        {
        }
    }

    private static void ReadManifest(byte[] input)
    {
        if (Manifest.TryParse(input, null, out var manifest, out _) && !manifest.Raw.Span.SequenceEqual(input))
        {
            throw new InvalidOperationException("A manifest is not the bytes it was read from.");
        }
        if (ImageIndex.TryParse(input, null, out var index, out _) && !index.Raw.Span.SequenceEqual(input))
        {
            throw new InvalidOperationException("An index is not the bytes it was read from.");
        }
    }

    private static void ReadConfig(byte[] input)
    {
        if (ImageConfig.TryParse(input, out var config, out _) && !ImageConfig.TryParse(config.ToBytes(), out _, out var problem))
        {
            throw new InvalidOperationException($"What was read and written again is refused: {problem}");
        }
    }

    private static void ReadReference(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (Reference.TryParse(text, out var reference) && Reference.Parse(reference.ToString()) != reference)
        {
            throw new InvalidOperationException($"{reference} is read as another reference.");
        }
        if (Platform.TryParse(text, out var platform) && Platform.Parse(platform.ToFullString()).ToFullString() != platform.ToFullString())
        {
            throw new InvalidOperationException($"{platform.ToFullString()} is read as another platform.");
        }
        if (Digest.TryParse(text, out var digest) && digest.ToString() != text)
        {
            throw new InvalidOperationException($"{digest} is not the text it was read from.");
        }
        if (ImagePath.TryParse(input, out var path) && (!ImagePath.TryParse(path.Bytes, out var again) || again != path))
        {
            throw new InvalidOperationException($"{path} is read as another path.");
        }
    }

    private static void ReadChallenge(byte[] input) => AuthChallenge.Parse(Encoding.Latin1.GetString(input).Split('\n'));

    private static void ReadDockerfile(byte[] input)
    {
        if (DockerfileParser.Parse(input, "Dockerfile") is ParseResult.Parsed parsed)
        {
            Linter.Run(parsed.Dockerfile, LintOptions.Default);
        }
    }

    // The first line is a path, the rest the file.
    private static void ReadIgnoreFile(byte[] input)
    {
        var end = Array.IndexOf(input, (byte)'\n');
        var path = input.AsSpan(0, Math.Max(end, 0));
        if (IgnoreFile.TryParse(input.AsSpan(end + 1), ".dockerignore", out var file, out _)
            && file.Patterns.MatchesOrParent(path) && file.Explain(path) is null)
        {
            throw new InvalidOperationException("A path is ignored by no line.");
        }
    }

    private static void VisitAll(LayerIndex index)
    {
        for (var position = 0; position < index.Count; position++)
        {
            index.Find(index[position].Path);
        }
    }

    private static void CopyUpTo(Stream from, Stream to, long limit)
    {
        var buffer = new byte[64 * 1024];
        for (long copied = 0; copied < limit && from.Read(buffer) is var read and > 0; copied += read)
        {
            to.Write(buffer, 0, read);
        }
    }
}

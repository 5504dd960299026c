using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Strata.Content.Layers;
using Strata.Fuzz.Targets;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Fuzz;

/// <summary>Sound inputs of the binary formats, made by the platform's own writers where it has one.</summary>
internal static class Seeds
{
    public static IEnumerable<byte[]> None() => [];

    public static IEnumerable<byte[]> Tars()
    {
        foreach (var format in new[] { TarEntryFormat.V7, TarEntryFormat.Ustar, TarEntryFormat.Gnu, TarEntryFormat.Pax })
        {
            yield return Tar(format);
        }
    }

    public static IEnumerable<byte[]> Layers()
    {
        foreach (var tar in Tars())
        {
            yield return tar;
            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(tar);
            }
            yield return compressed.ToArray();
        }
        yield return RandomImage.Create(1).Blobs[1].Content;
    }

    public static IEnumerable<byte[]> IndexFiles()
    {
        foreach (var tar in Tars())
        {
            using var file = new MemoryStream();
            LayerIndexer.Index(new MemoryStream(tar), IndexLimits.Default, CancellationToken.None).Write(file);
            yield return file.ToArray();
        }
    }

    public static IEnumerable<byte[]> Manifests()
    {
        var first = RandomImage.Create(1);
        var second = RandomImage.Create(2, layers: 5, platform: Platform.Parse("linux/arm64/v8"));
        return [first.Manifest.Raw.ToArray(), second.Manifest.Raw.ToArray(), RandomImage.Index(first, second).Raw.ToArray()];
    }

    public static IEnumerable<byte[]> Configs() => [RandomImage.Create(1).Blobs[0].Content, RandomImage.Create(2, layers: 5).Blobs[0].Content];

    /// <summary>Conversations with a registry, which speak of one blob; what fits in a hand is in the corpus.</summary>
    public static IEnumerable<byte[]> Answers()
    {
        var blob = Encoding.ASCII.GetString(HeaderTarget.Blob);
        var digest = Digest.Of(HeaderTarget.Blob);
        var manifest = Encoding.ASCII.GetString(RandomImage.Create(1).Manifest.Raw.Span);
        string[] conversations =
        [
            $"200\nETag: \"v\"\nContent-Length: 300\n\n{blob[..100]}\n%%\n206\nContent-Range: bytes 100-299/300\n\n{blob[..200]}",
            $"200\n\n{blob[..250]}\n%%\n416\n\n%%\n200\n\n{blob}",
            $"307\nLocation: https://cdn.example/{digest.Hex}?sig=x\n\n%%\n200\n\n{blob}",
            $"202\nLocation: /v2/team/app/blobs/uploads/u?state=1\n\n%%\n500\n\n%%\n404\n\n%%\n204\nRange: 0-99\nLocation: u2\n\n%%\n202\nLocation: u3\n\n%%\n201\nDocker-Content-Digest: {digest}\n\n",
            $"200\nContent-Type: {MediaTypes.OciManifest}\nDocker-Content-Digest: {Digest.Of(Encoding.ASCII.GetBytes(manifest))}\nContent-Length: {manifest.Length}\n\n{manifest}",
        ];
        return conversations.Select(Encoding.Latin1.GetBytes);
    }

    private static byte[] Tar(TarEntryFormat format)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, format, leaveOpen: true))
        {
            if (format == TarEntryFormat.Pax)
            {
                tar.WriteEntry(new PaxGlobalExtendedAttributesTarEntry([new("SCHILY.xattr.user.all", "v"), new("uid", "7"), new("comment", "c")]));
            }
            tar.WriteEntry(Entry(format, TarEntryType.Directory, "etc/"));
            var file = Entry(format, format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, "etc/motd");
            file.DataStream = new MemoryStream("hello\n"u8.ToArray());
            tar.WriteEntry(file);
            var link = Entry(format, TarEntryType.SymbolicLink, "etc/link");
            link.LinkName = "motd";
            tar.WriteEntry(link);
            var hard = Entry(format, TarEntryType.HardLink, "etc/hard");
            hard.LinkName = "etc/motd";
            tar.WriteEntry(hard);
            // What an index carries, under a name that comes before it and one after.
            var users = Entry(format, format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, "etc/passwd");
            users.DataStream = new MemoryStream("root:x:0:0::/root:/bin/sh\n"u8.ToArray());
            tar.WriteEntry(users);
            foreach (var name in (string[])["backup", "etc/passwd-"])
            {
                var alias = Entry(format, TarEntryType.HardLink, name);
                alias.LinkName = "etc/passwd";
                tar.WriteEntry(alias);
            }
            if (format is TarEntryFormat.Gnu or TarEntryFormat.Pax)
            {
                tar.WriteEntry(Entry(format, TarEntryType.RegularFile, $"etc/{new string('n', 150)}/.wh.{new string('x', 60)}"));
            }
        }
        return bytes.ToArray();
    }

    private static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(type, name),
            TarEntryFormat.Ustar => new UstarTarEntry(type, name),
            TarEntryFormat.Gnu => new GnuTarEntry(type, name),
            _ => new PaxTarEntry(type, name, [new("SCHILY.xattr.user.a", "b"), new("comment", "c")]),
        };
        entry.ModificationTime = DateTimeOffset.UnixEpoch.AddDays(20_000);
        return entry;
    }
}

using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Strata.Host.Tests;

internal static class Tars
{
    /// <summary>The files in the order given, all of one time.</summary>
    public static byte[] Of(params ReadOnlySpan<(string Path, string Content)> files)
    {
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (path, content) in files)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path)
                {
                    ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                });
            }
        }
        return buffer.ToArray();
    }

    /// <summary>Leaves one file out of an archive.</summary>
    public static void Without(string archive, string path)
    {
        var whole = new MemoryStream(File.ReadAllBytes(archive));
        using var reader = new TarReader(whole);
        using var writer = new TarWriter(File.Create(archive));
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.Name != path)
            {
                writer.WriteEntry(entry);
            }
        }
    }

    public static string TextOf(string archive, string path)
    {
        using var tar = new TarReader(File.OpenRead(archive));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.Name == path)
            {
                using var text = new StreamReader(entry.DataStream!);
                return text.ReadToEnd();
            }
        }
        throw new FileNotFoundException($"{archive} holds no {path}");
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }
        return buffer.ToArray();
    }
}

using System.Formats.Tar;

namespace Strata.EndToEnd;

/// <summary>Tars to import: images whose layers nothing else shares.</summary>
internal static class Tars
{
    /// <summary>A tar of one file of bytes that do not compress; the same name and size give the same tar.</summary>
    public static string Make(Workplace place, string name, int size = 100_000)
    {
        var bytes = new byte[size];
        new Random(name.Sum(letter => letter) + size).NextBytes(bytes);
        var file = place.PathOf(name + ".tar");
        using var tar = new TarWriter(File.Create(file), TarEntryFormat.Ustar, leaveOpen: false);
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes), ModificationTime = DateTimeOffset.UnixEpoch });
        return file;
    }
}

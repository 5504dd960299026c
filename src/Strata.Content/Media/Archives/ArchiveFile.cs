using Microsoft.Win32.SafeHandles;
using Strata.Content.Streams;
using Strata.Content.Tar;

namespace Strata.Content.Media.Archives;

/// <summary>An uncompressed archive in a file that can be read anywhere: only its headers are read to open it.</summary>
internal sealed class ArchiveFile : IArchiveFiles
{
    private readonly SafeFileHandle _file;
    private readonly ArchiveNames _names = new();

    private ArchiveFile(SafeFileHandle file) => _file = file;

    /// <summary>Owns <paramref name="file"/>.</summary>
    /// <exception cref="InvalidTarException">It is no tar archive.</exception>
    public static ArchiveFile Open(SafeFileHandle file, CancellationToken cancellationToken)
    {
        var archive = new ArchiveFile(file);
        try
        {
            using var stream = new FileStream(new SafeFileHandle(file.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, bufferSize: 0);
            using var reader = new TarReader(stream, TarLimits.Default, cancellationToken);
            while (reader.ReadNext() is { } header)
            {
                if (archive._names.Take(header) is { } name)
                {
                    archive._names.Add(new ArchiveMember(name, header.Size) { Offset = header.ContentOffset });
                }
            }
            return archive;
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    public ArchiveMember? Find(string name) => _names.Find(name);

    public Stream Open(ArchiveMember member) => new FileSliceStream(_file, member.Offset, member.Size);

    public void Dispose() => _file.Dispose();
}

using Strata.Content.Streams;
using Strata.Content.Tar;

namespace Strata.Content.Media.Archives;

/// <summary>
/// An archive that is read once, from its start: blobs go to an intake as they come, as what they are good for may be told only at the
/// archive's end. What is small and no blob is kept in memory.
/// </summary>
internal sealed class ArchiveIntake : IArchiveFiles
{
    private const int LargestInMemory = 1024 * 1024;
    private const int MaxMemory = 64 * 1024 * 1024;

    private readonly IBlobIntake _intake;
    private readonly ArchiveNames _names = new();
    private long _memory;

    private ArchiveIntake(IBlobIntake intake) => _intake = intake;

    /// <summary>Reads <paramref name="stream"/> to its end; it stays open.</summary>
    public static async Task<ArchiveIntake> ReadAsync(Stream stream, IBlobIntake intake, CancellationToken cancellationToken)
    {
        var archive = new ArchiveIntake(intake);
        using var reader = new TarReader(stream, TarLimits.Default, cancellationToken);
        while (reader.ReadNext() is { } header)
        {
            if (archive._names.Take(header) is { } name)
            {
                archive._names.Add(await archive.TakeAsync(name, header, reader, cancellationToken));
            }
        }
        // That what is packed ends where it should is told behind the archive's own end.
        await stream.CopyToAsync(Stream.Null, cancellationToken);
        return archive;
    }

    public ArchiveMember? Find(string name) => _names.Find(name);

    public Stream Open(ArchiveMember member) => member.Bytes is { } bytes ? new MemoryStream(bytes, writable: false) : _intake.Open(member.Digest!.Value);

    public void Dispose()
    {
    }

    private async Task<ArchiveMember> TakeAsync(string name, TarHeader header, TarReader reader, CancellationToken cancellationToken)
    {
        var claimed = LayoutPaths.DigestOf(name);
        await using var content = new MemberStream(reader);
        if (claimed is null && header.Size <= LargestInMemory && _memory + header.Size <= MaxMemory)
        {
            var bytes = await BoundedStream.ReadAllAsync(content, LargestInMemory, name, cancellationToken);
            _memory += bytes.Length;
            return new ArchiveMember(name, bytes.Length) { Bytes = bytes };
        }
        return new ArchiveMember(name, header.Size) { Digest = await _intake.TakeAsync(content, header.Size, claimed, cancellationToken) };
    }

    /// <summary>The content of the reader's current member.</summary>
    private sealed class MemberStream(TarReader reader) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => reader.Read(buffer);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(reader.Read(buffer.Span));
    }
}

using System.Runtime.ExceptionServices;
using System.Text;
using Strata.Content.Streams;
using Strata.Content.Tar;
using Strata.Oci;

namespace Strata.Content.Media.Archives;

/// <summary>
/// Writes images into a tar, each blob once, one after the other; several threads may put at once and wait for one another. The same
/// blobs give the same bytes when they come in the same order, which is the copier's business. It is an archive only after <see cref="CompleteAsync"/>; when a
/// blob fails in its midst, what was written is good for nothing.
/// </summary>
public sealed class ImageArchiveWriter : IDisposable
{
    private const int PieceSize = 4 << 20;
    private const long FileMode = 0x1A4;
    private const long FolderMode = 0x1ED;

    private readonly ArchiveFormat _format;
    private readonly TarWriter _tar;
    private readonly SemaphoreSlim _alone = new(1);
    private readonly HashSet<Digest> _blobs = [];
    private readonly HashSet<string> _folders = [];
    private readonly Dictionary<Digest, StoredManifest> _manifests = [];
    private IReadOnlyList<Descriptor> _entries = [];
    private ExceptionDispatchInfo? _failure;
    private bool _completed;

    /// <param name="target">Gets the archive; stays open.</param>
    /// <param name="format">Whose lists it has.</param>
    public ImageArchiveWriter(Stream target, ArchiveFormat format) => (_tar, _format) = (new TarWriter(target), format);

    /// <summary>The archive, for images with the tags of one repository; null leaves a tag without a name before it.</summary>
    /// <param name="repository">Whose tags they are.</param>
    /// <param name="written">What the image is called, exactly; null calls it by its tag, as docker does.</param>
    public IImageWriter In(Reference? repository, string? written = null) => new Writer(this, repository, written);

    /// <summary>Writes the lists and the end.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _alone.WaitAsync(cancellationToken);
        _failure?.Throw();
        ObjectDisposedException.ThrowIf(_completed, this);
        _completed = true;
        WriteFile(LayoutPaths.Index, ImageIndex.Create(_entries).Raw.Span);
        if (_format == ArchiveFormat.Docker)
        {
            var lists = new DockerArchiveLists(_entries, _manifests);
            WriteFile(DockerArchiveReading.ListName, lists.Images());
            WriteFile(LayoutPaths.Marker, LayoutPaths.MarkerContent);
            WriteFile(DockerArchiveReading.RepositoriesName, lists.Repositories());
        }
        else
        {
            WriteFile(LayoutPaths.Marker, LayoutPaths.MarkerContent);
        }
        _tar.Complete();
    }

    public void Dispose()
    {
        _tar.Dispose();
        _alone.Dispose();
    }

    private async ValueTask PutAsync(Digest digest, long size, Stream content, CancellationToken cancellationToken)
    {
        await _alone.WaitAsync(cancellationToken);
        try
        {
            _failure?.Throw();
            ObjectDisposedException.ThrowIf(_completed, this);
            if (_blobs.Contains(digest))
            {
                await content.CopyToAsync(Stream.Null, PieceSize, cancellationToken);
                return;
            }
            WriteHeader(LayoutPaths.Of(digest), size);
            await WriteAsync(content, cancellationToken);
            _blobs.Add(digest);
        }
        catch (Exception e)
        {
            _failure ??= ExceptionDispatchInfo.Capture(e);
            throw;
        }
        finally
        {
            _alone.Release();
        }
    }

    /// <summary>Reads the next piece, and hashes it, while the last one is written.</summary>
    private async Task WriteAsync(Stream content, CancellationToken cancellationToken)
    {
        var (piece, next) = (new byte[PieceSize], new byte[PieceSize]);
        var written = Task.CompletedTask;
        try
        {
            while (await content.ReadAtLeastAsync(piece, PieceSize, throwOnEndOfStream: false, cancellationToken) is > 0 and var length)
            {
                await written;
                var full = piece.AsMemory(0, length);
                written = Task.Run(() => _tar.Write(full.Span), CancellationToken.None);
                (piece, next) = (next, piece);
            }
        }
        finally
        {
            // Nobody else may use the tar before.
            await written;
        }
    }

    private async ValueTask PutAsync(StoredManifest manifest, Tag? tag, Writer naming, CancellationToken cancellationToken)
    {
        using var raw = new MemoryStream(manifest.Raw.ToArray(), writable: false);
        await PutAsync(manifest.Digest, manifest.Raw.Length, raw, cancellationToken);
        await _alone.WaitAsync(cancellationToken);
        try
        {
            _manifests[manifest.Digest] = manifest;
            _entries = LayoutNames.Add(_entries, manifest, tag, naming.Repository, naming.Written);
        }
        finally
        {
            _alone.Release();
        }
    }

    private void WriteFile(string name, ReadOnlySpan<byte> content)
    {
        WriteHeader(name, content.Length);
        _tar.Write(content);
    }

    // No time and no owner but 0: nothing of this machine goes in.
    private void WriteHeader(string name, long size)
    {
        for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
        {
            if (_folders.Add(name[..slash]))
            {
                _tar.WriteHeader(new TarHeader { Name = Encoding.UTF8.GetBytes(name[..(slash + 1)]), Type = TarType.Directory, Mode = FolderMode });
            }
        }
        _tar.WriteHeader(new TarHeader { Name = Encoding.UTF8.GetBytes(name), Type = TarType.Regular, Mode = FileMode, Size = size });
    }

    private sealed class Writer(ImageArchiveWriter archive, Reference? repository, string? written) : IImageWriter
    {
        public Reference? Repository => repository;
        public string? Written => written;

        public async ValueTask<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken)
        {
            await archive._alone.WaitAsync(cancellationToken);
            try
            {
                return archive._blobs.Contains(blob.Digest);
            }
            finally
            {
                archive._alone.Release();
            }
        }

        public ValueTask PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken) =>
            archive.PutAsync(blob.Digest, blob.Size, VerifyingStream.Over(content, blob), cancellationToken);

        public ValueTask PutManifestAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken) =>
            archive.PutAsync(manifest, tag, this, cancellationToken);
    }
}

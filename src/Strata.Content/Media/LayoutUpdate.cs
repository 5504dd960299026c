using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>
/// Images on their way into a layout. Blobs and manifests are there, durably, as soon as they are put, but nothing lists them before
/// <see cref="CommitAsync"/>: a layout has all of them or none.
/// </summary>
public sealed class LayoutUpdate : IImageWriter
{
    private readonly OciLayout _layout;
    private readonly Reference? _repository;
    private readonly string? _written;
    private readonly List<(StoredManifest Manifest, Tag? Tag, Reference? Repository, string? Written)> _put;

    internal LayoutUpdate(OciLayout layout, Reference? repository, string? written)
        : this(layout, repository, written, [])
    {
    }

    private LayoutUpdate(
        OciLayout layout, Reference? repository, string? written, List<(StoredManifest Manifest, Tag? Tag, Reference? Repository, string? Written)> put) =>
        (_layout, _repository, _written, _put) = (layout, repository, written, put);

    /// <summary>The same update, for the tags of another repository.</summary>
    public LayoutUpdate In(Reference? repository) => new(_layout, repository, null, _put);

    public ValueTask<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken) => _layout.HasBlobAsync(blob, cancellationToken);

    public ValueTask PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken) => _layout.PutBlobAsync(blob, content, cancellationToken);

    public async ValueTask PutManifestAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken)
    {
        using var raw = new MemoryStream(manifest.Raw.ToArray(), writable: false);
        await _layout.PutBlobAsync(manifest.Descriptor, raw, cancellationToken);
        lock (_put)
        {
            _put.Add((manifest, tag, _repository, _written));
        }
    }

    public Task CommitAsync(CancellationToken cancellationToken) => ListAsync(_layout, cancellationToken);

    /// <summary>
    /// As <see cref="CommitAsync"/>, in another layout on the same file system, which takes all blobs of this one: for a new layout whose
    /// place another process was quicker to take.
    /// </summary>
    public Task CommitToAsync(OciLayout target, CancellationToken cancellationToken)
    {
        target.TakeBlobsOf(_layout);
        return ListAsync(target, cancellationToken);
    }

    private Task ListAsync(OciLayout layout, CancellationToken cancellationToken) => layout.ChangeIndexAsync(
        entries => _put.Aggregate(entries, (all, next) => LayoutNames.Add(all, next.Manifest, next.Tag, next.Repository, next.Written)),
        cancellationToken);
}

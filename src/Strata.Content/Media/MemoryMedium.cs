using System.Collections.Concurrent;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>One repository in memory, for small images and for tests.</summary>
public sealed class MemoryMedium : IImageReader, IImageWriter, IReferrerReader
{
    private readonly ConcurrentDictionary<Digest, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<Digest, StoredManifest> _manifests = new();
    private readonly ConcurrentDictionary<Tag, Digest> _tags = new();

    public IReadOnlyCollection<Tag> Tags => [.. _tags.Keys];

    public ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        if (key.Digest is not { } digest && !(key.Tag is { } tag && _tags.TryGetValue(tag, out digest)))
        {
            return ValueTask.FromResult<StoredManifest?>(null);
        }
        return ValueTask.FromResult(_manifests.GetValueOrDefault(digest));
    }

    public ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Stream?>(_blobs.TryGetValue(blob.Digest, out var bytes)
            ? new VerifyingStream(new MemoryStream(bytes, writable: false), blob.Digest, blob.Size)
            : null);

    public ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Descriptor>>(
            [.. _manifests.Values.Where(manifest => ManifestBytes.SubjectOf(manifest) == subject).Select(manifest => manifest.Descriptor)]);

    public ValueTask<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken) => ValueTask.FromResult(_blobs.ContainsKey(blob.Digest));

    public async ValueTask PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await VerifyingStream.Over(content, blob).CopyToAsync(buffer, cancellationToken);
        _blobs[blob.Digest] = buffer.ToArray();
    }

    public ValueTask PutManifestAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken)
    {
        _manifests[manifest.Digest] = manifest with { Raw = manifest.Raw.ToArray() };
        if (tag is { } name)
        {
            _tags[name] = manifest.Digest;
        }
        return ValueTask.CompletedTask;
    }
}

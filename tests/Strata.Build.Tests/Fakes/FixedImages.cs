using System.Collections.Concurrent;
using Strata.Oci;

namespace Strata.Build.Tests;

internal sealed class FixedImages : IImageProvider
{
    private readonly Dictionary<string, BaseImage> _images = [];

    public ConcurrentQueue<string> Asked { get; } = [];

    public void Add(string reference, ImageConfig config) =>
        _images[Reference.Parse(reference).WithDefaultTag().ToString()] = new BaseImage { Config = config, Digest = Digest.Of(config.ToBytes()) };

    public ValueTask<BaseImage> ResolveAsync(Reference reference, Platform platform, IVertexOutput output, CancellationToken ct)
    {
        Asked.Enqueue(reference.Familiar);
        return _images.TryGetValue(reference.ToString(), out var image)
            ? ValueTask.FromResult(image)
            : throw new BaseImageException($"{reference.Familiar} is not in the registry; check its name");
    }
}

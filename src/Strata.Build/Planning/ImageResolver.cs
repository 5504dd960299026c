using System.Text;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Asks for each image of a build once, and for several at a time.</summary>
internal sealed class ImageResolver(IImageProvider images, Platform platform, ProgressReporter progress, CancellationToken cancellationToken)
{
    private readonly Dictionary<string, Task<BaseImage>> _asked = new(StringComparer.Ordinal);
    private readonly List<UsedImage> _used = [];

    /// <summary>Begins to look for an image that will be needed.</summary>
    public void Start(Reference reference) => _ = Ask(reference);

    public async Task<BaseImage> ResolveAsync(Reference reference)
    {
        var image = await Ask(reference);
        if (_used.TrueForAll(used => used.Reference.ToString() != reference.ToString()))
        {
            _used.Add(new UsedImage(reference, image.Digest));
        }
        return image;
    }

    /// <summary>Those that were needed in the end, in the order they were.</summary>
    public IReadOnlyList<UsedImage> Used => _used;

    /// <summary>Waits until nothing is under way, however it ended.</summary>
    public Task SettleAsync() => Task.WhenAll(_asked.Values)
        .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private Task<BaseImage> Ask(Reference reference)
    {
        var name = reference.ToString();
        if (!_asked.TryGetValue(name, out var task))
        {
            task = LoadAsync(reference);
            _asked.Add(name, task);
        }
        return task;
    }

    private async Task<BaseImage> LoadAsync(Reference reference)
    {
        await Task.Yield();
        var name = $"[internal] load metadata for {reference}";
        var output = progress.Start(Digest.Of(Encoding.UTF8.GetBytes(name)), name);
        try
        {
            var image = await images.ResolveAsync(reference, platform, output, cancellationToken);
            output.Done(null);
            return image;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            output.Canceled();
            throw;
        }
        catch (Exception e)
        {
            output.Failed(e.Message);
            throw;
        }
    }
}

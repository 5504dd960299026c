using System.Text;
using Strata.Build;
using Strata.Content.Media;
using Strata.Host.Images;
using Strata.Oci;
using Strata.Remote.Retrying;
using Strata.Store;

namespace Strata.Host.Building;

/// <summary>Base images: from the store, else pulled into it.</summary>
internal sealed class StoreImages(LocalStore store, PullImage pull, PullPolicy policy) : IImageProvider
{
    public async ValueTask<BaseImage> ResolveAsync(Reference reference, Platform platform, IVertexOutput output, CancellationToken cancellationToken)
    {
        var name = reference.WithDefaultTag();
        try
        {
            // What is called localhost/ has no registry to ask.
            if ((policy != PullPolicy.Always || name.IsOfThisMachine) && await LocalAsync(name, platform, cancellationToken) is { } here)
            {
                return here;
            }
            if (policy == PullPolicy.Never)
            {
                throw new BaseImageException($"there is no image {name.Familiar} for {platform} in the store, and it is not to be pulled");
            }
            await pull.RunAsync(name, platform, new Transfers(output), cancellationToken);
            return await LocalAsync(name, platform, cancellationToken)
                ?? throw new BaseImageException($"{name.Familiar} was pulled, but is not an image for {platform}");
        }
        catch (StrataException e)
        {
            throw new BaseImageException(e.Hint is null ? e.Message : $"{e.Message} ({e.Hint})", e);
        }
    }

    private async ValueTask<BaseImage?> LocalAsync(Reference name, Platform platform, CancellationToken cancellationToken)
    {
        if (store.Names.Find(name) is not { } target || store.Images.Get(target.Image) is not { } image
            || !await store.Images.LeaseAsync(image.Id, cancellationToken) || !platform.Matches(image.Config.Platform))
        {
            return null;
        }
        return new BaseImage { Config = image.Config, Digest = target.Manifest ?? image.Id };
    }

    private sealed class Transfers(IVertexOutput output) : IProgress<TransferEvent>, IProgress<RetryNotice>
    {
        public void Report(TransferEvent value)
        {
            var current = value switch
            {
                TransferEvent.Started => 0,
                TransferEvent.Advanced advanced => advanced.Bytes,
                _ => value.Blob.Size,
            };
            output.Transfer(value.Blob.Digest.Short, current, value.Blob.Size);
        }

        public void Report(RetryNotice value) => output.Write(OutputStream.Error, Encoding.UTF8.GetBytes($"again: {value.Line}\n"));
    }
}

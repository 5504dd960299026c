using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Host.Images.Places;
using Strata.Host.Registries;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Copies an image from any place to any other. No byte changes unless that was asked for.</summary>
/// <param name="store">Opened only where a place is in it.</param>
/// <param name="registries">How registries are reached.</param>
/// <param name="environment">The machine.</param>
public sealed class CopyImages(Func<LocalStore> store, RegistryAccess registries, HostEnvironment environment)
{
    private readonly ImageSources _sources = new(store, registries, environment);
    private readonly ImageTargets _targets = new(store, registries, environment);

    /// <summary>What the target has now.</summary>
    public async Task<Descriptor> RunAsync(CopyRequest request, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await _sources.OpenAsync(
                request.From,
                source => _targets.OpenAsync(request.To, source.Name, target => CopyAsync(request, source, target, progress, cancellationToken), cancellationToken),
                cancellationToken);
        }
        catch (Exception e) when (e is InvalidImageException or ContentMismatchException)
        {
            throw new StrataException($"copying {request.From} to {request.To}: {e.Message}", inner: e);
        }
    }

    private static async Task<Descriptor> CopyAsync(
        CopyRequest request, ImageSource source, ImageTarget target, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        // What has no manifest of its own gets one here, with layers as a registry wants them; all else goes as it is.
        var form = request.Form
            ?? (source.IsMadeUp && target.WantsCompressed && !request.KeepTars ? new LayerForm(LayerCompression.Gzip, null) : null);
        if (form is null && source.IsMadeUp && target.TakeUnpacked is { } take)
        {
            await take(source, source.Manifest);
            return source.Manifest.Descriptor;
        }
        var reader = source.Reader;
        var root = source.Manifest;
        if (form is not null)
        {
            reader = new RecodedImage(source.Reader, source.Recoder(), form);
            root = (await reader.GetManifestAsync(ManifestKey.ByDigest(root.Digest), cancellationToken))!;
        }
        var options = new CopyOptions
        {
            Tag = target.Tag,
            Platform = request.All ? null : request.Platform ?? Platform.Local,
            Sparse = source.IsSparse,
            Referrers = request.Recursive,
            Parallelism = target.OneAtATime ? 1 : new CopyOptions().Parallelism,
        };
        return await ImageCopy.CopyAsync(reader, target.Writer, root, options, progress, cancellationToken) switch
        {
            CopyResult.Copied copied => copied.Manifest.Descriptor,
            CopyResult.NoSuchPlatform none => throw new StrataException(
                $"{request.From} is not made for {none.Wanted}; there is {string.Join(", ", none.Offered)}", "choose one with --platform, or take all with --all"),
            var other => throw new InvalidOperationException($"An unknown end of a copy: {other}"),
        };
    }
}

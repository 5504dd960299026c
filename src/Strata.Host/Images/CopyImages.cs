using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Host.Images.Places;
using Strata.Host.Registries;
using Strata.Linux;
using Strata.Oci;
using Strata.Remote;
using Strata.Remote.Credentials;
using Strata.Remote.Retrying;
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
    /// <param name="request">What to copy.</param>
    /// <param name="progress">Where it takes notices of retries too, it gets them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<Descriptor> RunAsync(CopyRequest request, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        var reach = new Reach { IsInsecure = request.IsInsecure, Retries = progress as IProgress<RetryNotice> };
        try
        {
            return await _sources.OpenAsync(
                request.From,
                reach,
                request.All || request.Platform is not null,
                source => _targets.OpenAsync(request.To, reach, source.Name, target => CopyAsync(request, source, target, progress, cancellationToken), cancellationToken),
                cancellationToken);
        }
        catch (LinuxException e) when (TemporaryFailure.Of(environment.TemporaryFolder, e) is { } full)
        {
            throw full;
        }
        // Told once for both ends: the message says which of them it was.
        catch (RegistryException e)
        {
            throw new StrataException($"copying {request.From} to {request.To}: {e.Message}", e.Hint, e);
        }
        catch (ContentMismatchException e) when (request.From is ImagePlace.Registry { Name.Registry: var registry })
        {
            throw new StrataException(
                $"copying {request.From} to {request.To}: {e.Message}", $"{registry}, or something on the way to it, delivers other bytes than it promised; try again, and if it stays so the image has to be pushed there anew", e);
        }
        catch (ContentMismatchException e) when (request.From is ImagePlace.Store)
        {
            throw new StrataException($"copying {request.From} to {request.To}: {e.Message}", StoredContent.DamageHint, e);
        }
        catch (Exception e) when (e is InvalidImageException or ContentTooLargeException && request.From is ImagePlace.Registry)
        {
            throw new StrataException(
                $"copying {request.From} to {request.To}: {e.Message}", "nothing of it was kept; the image there has to be made anew", e);
        }
        catch (Exception e) when (e is InvalidImageException or ContentMismatchException or ContentTooLargeException or CredentialException or RegistryConfigurationException)
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
            reader = new RecodedImage(source.Reader, source.Recoder(), form) { MakesOciManifests = target.IsLayout };
            root = (await reader.GetManifestAsync(ManifestKey.ByDigest(root.Digest), cancellationToken))!;
            if (request.Recursive && !source.IsMadeUp)
            {
                // What is attached names a digest; the image of another digest has nothing.
                reader = root.Digest == source.Manifest.Digest ? source.Reader : throw new StrataException(
                    $"{request.From} would get other layers and so another digest, and what is attached to it would not go with it", "leave out --recursive, or what changes its layers");
            }
        }
        if (target.TakeUnpacked is not null && !request.All)
        {
            // The store keeps images that can be used; what is none is found before its layers are fetched.
            var vetted = new VettedSource(reader, required: null);
            await vetted.VetAsync(root, cancellationToken);
            reader = vetted;
        }
        // What is sent again after a break is read again, as it is sent.
        var writer = target.Writer is RemoteRepository repository ? repository.ReadingAgainFrom(reader) : target.Writer;
        var options = new CopyOptions
        {
            Tag = target.Tag,
            Platform = request.All ? null : request.Platform ?? Platform.Local,
            Sparse = source.IsSparse,
            // Nothing is attached to a manifest that was made for this copy.
            Referrers = request.Recursive && !source.IsMadeUp,
            Parallelism = target.OneAtATime ? 1 : new CopyOptions().Parallelism,
        };
        return await ImageCopy.CopyAsync(reader, writer, root, options, progress, cancellationToken) switch
        {
            CopyResult.Copied copied => copied.Manifest.Descriptor,
            CopyResult.NoSuchPlatform none => throw new StrataException(
                $"{request.From} is not made for {none.Wanted}; there is {string.Join(", ", none.Offered)}", "choose one with --platform, or take all with --all"),
            var other => throw new InvalidOperationException($"An unknown end of a copy: {other}"),
        };
    }
}

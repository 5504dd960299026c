using Strata.Content.Media;
using Strata.Host.Registries;
using Strata.Oci;
using Strata.Remote;

namespace Strata.Host.Images;

/// <summary>Reads manifest and config of an image in a registry.</summary>
public sealed class InspectRemote(RegistryAccess registries)
{
    private const int DeepestIndex = 4;

    /// <param name="name">Which image.</param>
    /// <param name="platform">Null: this machine's, and no error when there is none for it.</param>
    /// <param name="reach">How the registry is reached.</param>
    /// <param name="withTags">Also list the repository's tags.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StrataException">There is no such image, or not for this platform; or the registry refused.</exception>
    public async Task<RemoteFacts> RunAsync(Reference name, Platform? platform, Reach reach, bool withTags, CancellationToken cancellationToken)
    {
        var doing = $"inspecting {name.Familiar}";
        return await registries.ReadAsync(doing, name, reach, async reader =>
        {
            var facts = await ReadAsync(reader, name, platform, cancellationToken);
            return withTags ? facts with { Tags = await reader.AllTagsAsync(cancellationToken) } : facts;
        });
    }

    private static async Task<RemoteFacts> ReadAsync(IImageReader repository, Reference name, Platform? platform, CancellationToken cancellationToken)
    {
        var root = await repository.GetManifestAsync(ManifestKey.Of(name), cancellationToken)
            ?? throw new StrataException($"there is no {name.Familiar} at {name.Registry}", $"`strata tags {name.FamiliarName}` lists what is there");
        var facts = new RemoteFacts { Name = name, Root = root };
        var stored = root;
        for (var depth = 0; MediaTypes.IsIndex(stored.MediaType); depth++)
        {
            if (depth == DeepestIndex || !ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out _))
            {
                throw new StrataException($"the index {stored.Digest} of {name.Familiar} can't be read");
            }
            facts = facts with { Index = facts.Index ?? index };
            if (index.Select(platform ?? Platform.Local) is not { } chosen)
            {
                return platform is null
                    ? facts
                    : throw new StrataException($"{name.Familiar} is not made for {platform}", $"there is {string.Join(", ", index.Manifests.Select(m => m.Platform).OfType<Platform>())}");
            }
            stored = await repository.GetManifestAsync(ManifestKey.ByDigest(chosen.Digest), cancellationToken)
                ?? throw new StrataException($"{name.Registry} does not have the manifest {chosen.Digest} that {name.Familiar} lists");
        }
        if (!Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out var problem))
        {
            throw new StrataException($"the manifest {stored.Digest} of {name.Familiar} can't be read: {problem}");
        }
        var bytes = await ConfigAsync(repository, manifest.Config, name, cancellationToken);
        var config = MediaTypes.IsImageConfig(manifest.Config.MediaType) && ImageConfig.TryParse(bytes, out var parsed, out _) ? parsed : null;
        return facts with { Manifest = manifest, ConfigBytes = bytes, Config = config };
    }

    private static async Task<byte[]> ConfigAsync(IImageReader repository, Descriptor config, Reference name, CancellationToken cancellationToken)
    {
        if (config.Size > ImageConfig.MaxSize)
        {
            throw new StrataException($"the config of {name.Familiar} has {config.Size} bytes; {ImageConfig.MaxSize} are read");
        }
        await using var stream = await repository.OpenBlobAsync(config, cancellationToken)
            ?? throw new StrataException($"{name.Registry} does not have the config {config.Digest} of {name.Familiar}");
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}

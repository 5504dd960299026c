using Strata.Cli.Templates;
using Strata.Host.Images;
using Strata.Oci;

namespace Strata.Cli.Rendering.Inspection;

/// <summary>An image in a registry as <c>skopeo inspect</c> shows it, and the platforms that its index lists.</summary>
internal static class RemoteInspection
{
    public static Value Of(RemoteFacts facts, bool withTags)
    {
        var layers = facts.Manifest?.Layers ?? [];
        return Value.Of(
        [
            ("Name", facts.Name.Name),
            ("Digest", facts.Root.Digest.ToString()),
            ("MediaType", facts.Root.MediaType),
            .. withTags ? [("RepoTags", Value.Of(facts.Tags.Select(tag => tag.ToString())))] : Array.Empty<(string, Value)>(),
            .. facts.Index is { } index ? [("Platforms", Value.Of(index.Manifests.Select(Child)))] : Array.Empty<(string, Value)>(),
            .. facts.Manifest is { } manifest ? [("ManifestDigest", manifest.Digest.ToString()), ("ImageId", manifest.Config.Digest.ToString())] : Array.Empty<(string, Value)>(),
            ("Created", facts.Config?.Created),
            ("Labels", ImageInspection.Labels(facts.Config?.Config?.Labels)),
            ("Architecture", facts.Config?.Architecture),
            ("Os", facts.Config?.Os),
            // Of what is fetched for it: compressed layers and the config.
            ("Size", layers.Sum(layer => layer.Size) + (facts.Manifest?.Config.Size ?? 0)),
            ("Layers", Value.Of(layers.Select(layer => layer.Digest.ToString()))),
            ("LayersData", Value.Of(layers.Select(Layer))),
            ("Env", ImageInspection.List(facts.Config?.Config?.Env)),
        ]);
    }

    private static Value Layer(Descriptor layer) => Value.Of(
        ("MIMEType", layer.MediaType), ("Digest", layer.Digest.ToString()), ("Size", layer.Size), ("Annotations", ImageInspection.Labels(layer.Annotations)));

    private static Value Child(Descriptor child) => Value.Of(
        ("Platform", child.Platform?.ToString() ?? ""), ("Digest", child.Digest.ToString()), ("MediaType", child.MediaType), ("Size", child.Size));
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Oci;

/// <summary>The JSON of a manifest or an index.</summary>
internal sealed record ManifestDocument
{
    [JsonPropertyName("schemaVersion")] public int SchemaVersion { get; init; }
    [JsonPropertyName("mediaType")] public string? MediaType { get; init; }
    [JsonPropertyName("artifactType")] public string? ArtifactType { get; init; }
    [JsonPropertyName("config")] public Descriptor? Config { get; init; }
    [JsonPropertyName("layers")] public IReadOnlyList<Descriptor>? Layers { get; init; }
    [JsonPropertyName("manifests")] public IReadOnlyList<Descriptor>? Manifests { get; init; }
    [JsonPropertyName("subject")] public Descriptor? Subject { get; init; }
    [JsonPropertyName("annotations")] public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public static bool TryRead(ReadOnlyMemory<byte> raw, [NotNullWhen(true)] out ManifestDocument? document, [NotNullWhen(false)] out string? problem)
    {
        document = null;
        if (raw.Length > Manifest.MaxSize)
        {
            problem = $"it has {raw.Length:N0} bytes, over the limit of {Manifest.MaxSize:N0}";
            return false;
        }
        try
        {
            document = JsonSerializer.Deserialize(raw.Span, OciJson.Canonical.ManifestDocument);
        }
        catch (JsonException e)
        {
            problem = $"it is not the JSON of a manifest ({e.Path}, line {e.LineNumber + 1})";
            return false;
        }
        problem = document switch
        {
            null => "it is empty",
            { SchemaVersion: 1 } => "it is of schema version 1, which no registry should serve any more; push the image again with a current client",
            { SchemaVersion: not 2 } => $"schema version {document.SchemaVersion} is not 2",
            // An index that also carries layers can be read two ways by two clients (CVE-2021-41190).
            { Manifests: not null } when document.Layers is not null || document.Config is not null => "it is a manifest and an index at once",
            _ when document.HasEmptyEntries => "it lists an empty entry",
            _ => document.AllDescriptors.FirstOrDefault(d => d.Size < 0) is { } bad ? $"the size of {bad.Digest} is negative" : null,
        };
        return problem is null;
    }

    // JSON's null is taken for an entry whatever the type says.
    private bool HasEmptyEntries => (Layers?.Any(d => d is null) ?? false) || (Manifests?.Any(d => d is null) ?? false);

    private IEnumerable<Descriptor> AllDescriptors =>
        [.. Config is null ? [] : new[] { Config }, .. Layers ?? [], .. Manifests ?? [], .. Subject is null ? [] : new[] { Subject }];
}

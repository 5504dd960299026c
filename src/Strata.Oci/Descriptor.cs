using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Oci;

/// <summary>Media type, digest and size of content, and what is said of it (image-spec descriptor.md).</summary>
public sealed record Descriptor
{
    [JsonPropertyName("mediaType")] public required string MediaType { get; init; }
    [JsonPropertyName("digest")] public required Digest Digest { get; init; }

    /// <summary>In bytes.</summary>
    [JsonPropertyName("size")] public required long Size { get; init; }

    [JsonPropertyName("urls")] public IReadOnlyList<string>? Urls { get; init; }
    [JsonPropertyName("annotations")] public IReadOnlyDictionary<string, string>? Annotations { get; init; }
    [JsonPropertyName("data")] public string? Data { get; init; }
    [JsonPropertyName("platform")] public Platform? Platform { get; init; }
    [JsonPropertyName("artifactType")] public string? ArtifactType { get; init; }
    [JsonExtensionData, JsonInclude] public IDictionary<string, JsonElement>? Unknown { get; internal set; }
}

using System.Text.Json.Serialization;

namespace Strata.Content.Media.Archives;

/// <summary>An image in a docker archive's manifest.json: names of files, lowest layer first.</summary>
internal sealed record DockerArchiveEntry
{
    [JsonPropertyName("Config")] public string? Config { get; init; }
    [JsonPropertyName("RepoTags")] public IReadOnlyList<string>? RepoTags { get; init; }
    [JsonPropertyName("Layers")] public IReadOnlyList<string>? Layers { get; init; }
}

[JsonSerializable(typeof(IReadOnlyList<DockerArchiveEntry>))]
[JsonSerializable(typeof(SortedDictionary<string, SortedDictionary<string, string>>))]
internal sealed partial class ArchiveJson : JsonSerializerContext;

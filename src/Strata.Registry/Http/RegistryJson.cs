using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Registry.Http;

internal sealed record ErrorDetail([property: JsonPropertyName("digest")] string Digest);

internal sealed record ErrorEntry(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("detail")] ErrorDetail? Detail);

internal sealed record ErrorBody([property: JsonPropertyName("errors")] IReadOnlyList<ErrorEntry> Errors);

internal sealed record TagList(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("tags")] IReadOnlyList<string> Tags);

internal sealed record RepositoryList([property: JsonPropertyName("repositories")] IReadOnlyList<string> Repositories);

/// <summary>One change of a tag; <c>from</c> is left out where the tag was made, <c>to</c> where it was removed.</summary>
internal sealed record TagChangeEntry(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("from")] string? From,
    [property: JsonPropertyName("to")] string? To,
    [property: JsonPropertyName("by")] string? By,
    [property: JsonPropertyName("at")] DateTimeOffset At);

/// <summary>The newest change first; <c>digest</c> is where the tag points now, left out when it is removed.</summary>
internal sealed record TagHistoryPage(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("tag")] string Tag,
    [property: JsonPropertyName("digest")] string? Digest,
    [property: JsonPropertyName("changes")] IReadOnlyList<TagChangeEntry> Changes);

internal sealed record RollbackRequest([property: JsonPropertyName("to")] string? To);

internal sealed record RollbackAnswer(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("tag")] string Tag,
    [property: JsonPropertyName("from")] string? From,
    [property: JsonPropertyName("to")] string To);

[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(RepositoryList))]
[JsonSerializable(typeof(TagHistoryPage))]
[JsonSerializable(typeof(RollbackRequest))]
[JsonSerializable(typeof(RollbackAnswer))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class RegistryJson : JsonSerializerContext
{
    private const int MaxDepth = 16;

    /// <summary>Nulls left out, and only escaped what must be.</summary>
    public static RegistryJson Shared { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        MaxDepth = MaxDepth,
    });
}

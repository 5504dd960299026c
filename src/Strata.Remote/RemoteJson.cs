using System.Text.Json.Serialization;

namespace Strata.Remote;

[JsonSerializable(typeof(TokenDocument))]
[JsonSerializable(typeof(ErrorsDocument))]
[JsonSerializable(typeof(TagListDocument))]
[JsonSerializable(typeof(HelperLogin))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(TagHistoryDocument))]
[JsonSerializable(typeof(RollbackDocument))]
[JsonSerializable(typeof(RollbackAnswer))]
internal sealed partial class RemoteJson : JsonSerializerContext;

/// <summary>A token server's answer.</summary>
internal sealed record TokenDocument
{
    [JsonPropertyName("token")] public string? Token { get; init; }
    [JsonPropertyName("access_token")] public string? AccessToken { get; init; }
    [JsonPropertyName("refresh_token")] public string? RefreshToken { get; init; }
    [JsonPropertyName("expires_in")] public double? ExpiresIn { get; init; }
    [JsonPropertyName("issued_at")] public string? IssuedAt { get; init; }
}

/// <summary>distribution-spec, "Error Codes".</summary>
internal sealed record ErrorsDocument
{
    [JsonPropertyName("errors")] public IReadOnlyList<ErrorEntry?>? Errors { get; init; }
}

internal sealed record ErrorEntry
{
    [JsonPropertyName("code")] public string? Code { get; init; }
    [JsonPropertyName("message")] public string? Message { get; init; }
}

internal sealed record TagListDocument
{
    [JsonPropertyName("tags")] public IReadOnlyList<string?>? Tags { get; init; }
}

/// <summary>What credential helpers read and write.</summary>
internal sealed record HelperLogin
{
    [JsonPropertyName("ServerURL")] public string? ServerURL { get; init; }
    [JsonPropertyName("Username")] public string? Username { get; init; }
    [JsonPropertyName("Secret")] public string? Secret { get; init; }
}

internal sealed record TagHistoryDocument
{
    [JsonPropertyName("changes")] public IReadOnlyList<TagHistoryEntry>? Changes { get; init; }
}

internal sealed record TagHistoryEntry
{
    [JsonPropertyName("id")] public long Id { get; init; }
    [JsonPropertyName("from")] public string? From { get; init; }
    [JsonPropertyName("to")] public string? To { get; init; }
    [JsonPropertyName("by")] public string? By { get; init; }
    [JsonPropertyName("at")] public DateTimeOffset At { get; init; }
}

internal sealed record RollbackDocument([property: JsonPropertyName("to")] string To);

internal sealed record RollbackAnswer
{
    [JsonPropertyName("from")] public string? From { get; init; }
    [JsonPropertyName("to")] public string? To { get; init; }
}

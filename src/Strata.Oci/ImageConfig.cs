using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Oci;

/// <summary>
/// What an image runs and what it is made of (image-spec config.md, with Docker's additions). Times are kept as written,
/// since they carry nanoseconds; fields nobody here knows survive an edit.
/// </summary>
public sealed record ImageConfig
{
    /// <summary>In bytes; a config is read whole, and no real one comes near it.</summary>
    public const int MaxSize = 8 * 1024 * 1024;

    [JsonPropertyName("created")] public string? Created { get; init; }
    [JsonPropertyName("author")] public string? Author { get; init; }
    [JsonPropertyName("architecture")] public required string Architecture { get; init; }
    [JsonPropertyName("variant")] public string? Variant { get; init; }
    [JsonPropertyName("os")] public required string Os { get; init; }
    [JsonPropertyName("os.version")] public string? OsVersion { get; init; }
    [JsonPropertyName("os.features")] public IReadOnlyList<string>? OsFeatures { get; init; }
    [JsonPropertyName("config")] public ContainerConfig? Config { get; init; }
    [JsonPropertyName("rootfs")] public required RootFs RootFs { get; init; }
    [JsonPropertyName("history")] public IReadOnlyList<HistoryEntry>? History { get; init; }
    [JsonExtensionData, JsonInclude] public IDictionary<string, JsonElement>? Unknown { get; internal set; }

    [JsonIgnore] public Platform Platform => new() { Os = Os, Architecture = Architecture, Variant = Variant, OsVersion = OsVersion, OsFeatures = OsFeatures };

    [JsonIgnore] public DateTimeOffset? CreatedAt => OciTime.TryParse(Created, out var time) ? time : null;

    // JSON's null is taken for an entry whatever the type says.
    private bool HasEmptyEntries =>
        (History?.Any(entry => entry is null) ?? false)
        || new[] { Config?.Env, Config?.Cmd, Config?.Entrypoint, Config?.OnBuild, Config?.Shell, Config?.Healthcheck?.Test }.Any(list => list?.Any(text => text is null) ?? false);

    /// <summary>The bytes that are stored and whose digest is the ImageID.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, OciJson.Canonical.ImageConfig);

    public static bool TryParse(ReadOnlySpan<byte> raw, [NotNullWhen(true)] out ImageConfig? config, [NotNullWhen(false)] out string? problem)
    {
        config = null;
        try
        {
            config = JsonSerializer.Deserialize(raw, OciJson.Canonical.ImageConfig);
            problem = config is null ? "it is empty" : config.HasEmptyEntries ? "it lists an empty entry" : null;
        }
        catch (JsonException e)
        {
            problem = $"it is not the JSON of an image config ({e.Path}, line {e.LineNumber + 1})";
        }
        return problem is null;
    }
}

/// <summary>How a container of the image starts by default.</summary>
public sealed record ContainerConfig
{
    [JsonPropertyName("User")] public string? User { get; init; }
    [JsonPropertyName("ExposedPorts"), JsonConverter(typeof(KeySetConverter))] public IReadOnlyList<string>? ExposedPorts { get; init; }
    [JsonPropertyName("Env")] public IReadOnlyList<string>? Env { get; init; }
    [JsonPropertyName("Entrypoint")] public IReadOnlyList<string>? Entrypoint { get; init; }
    [JsonPropertyName("Cmd")] public IReadOnlyList<string>? Cmd { get; init; }
    [JsonPropertyName("Volumes"), JsonConverter(typeof(KeySetConverter))] public IReadOnlyList<string>? Volumes { get; init; }
    [JsonPropertyName("WorkingDir")] public string? WorkingDir { get; init; }
    [JsonPropertyName("Labels")] public IReadOnlyDictionary<string, string>? Labels { get; init; }
    [JsonPropertyName("StopSignal")] public string? StopSignal { get; init; }
    [JsonPropertyName("ArgsEscaped")] public bool? ArgsEscaped { get; init; }
    [JsonPropertyName("Healthcheck")] public HealthCheck? Healthcheck { get; init; }
    [JsonPropertyName("OnBuild")] public IReadOnlyList<string>? OnBuild { get; init; }
    [JsonPropertyName("Shell")] public IReadOnlyList<string>? Shell { get; init; }
    [JsonExtensionData, JsonInclude] public IDictionary<string, JsonElement>? Unknown { get; internal set; }
}

/// <summary>Docker's health check; durations are in nanoseconds.</summary>
public sealed record HealthCheck
{
    [JsonPropertyName("Test")] public IReadOnlyList<string>? Test { get; init; }
    [JsonPropertyName("Interval")] public long? Interval { get; init; }
    [JsonPropertyName("Timeout")] public long? Timeout { get; init; }
    [JsonPropertyName("StartPeriod")] public long? StartPeriod { get; init; }
    [JsonPropertyName("StartInterval")] public long? StartInterval { get; init; }
    [JsonPropertyName("Retries")] public int? Retries { get; init; }
}

/// <summary>The diff ids of the image's layers, lowest first.</summary>
public sealed record RootFs
{
    // An image without layers has null here, or nothing; and what the JSON lacks is set to null whatever is written behind the property.
    [JsonPropertyName("type"), AllowNull] public string Type { get => field ?? "layers"; init; }
    [JsonPropertyName("diff_ids"), AllowNull] public IReadOnlyList<Digest> DiffIds { get => field ?? []; init; }
}

/// <summary>One step of how the image came to be; steps without <see cref="EmptyLayer"/> go with the layers in order.</summary>
public sealed record HistoryEntry
{
    [JsonPropertyName("created")] public string? Created { get; init; }
    [JsonPropertyName("created_by")] public string? CreatedBy { get; init; }
    [JsonPropertyName("author")] public string? Author { get; init; }
    [JsonPropertyName("comment")] public string? Comment { get; init; }
    [JsonPropertyName("empty_layer")] public bool? EmptyLayer { get; init; }
    [JsonExtensionData, JsonInclude] public IDictionary<string, JsonElement>? Unknown { get; internal set; }
}

/// <summary>Times as images carry them: RFC 3339, UTC, with as many decimals as needed.</summary>
public static class OciTime
{
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}

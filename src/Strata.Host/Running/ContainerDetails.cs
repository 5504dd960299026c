using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Host.Running;

/// <summary>What the host remembers of a container besides its row.</summary>
public sealed record ContainerDetails
{
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Goes as soon as it has ended.</summary>
    public bool RemoveWhenEnded { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ContainerJson.Default.ContainerDetails);

    public static ContainerDetails Parse(ReadOnlyMemory<byte> bytes) =>
        JsonSerializer.Deserialize(bytes.Span, ContainerJson.Default.ContainerDetails) ?? throw new JsonException("a container's details are empty");
}

[JsonSerializable(typeof(ContainerDetails))]
internal sealed partial class ContainerJson : JsonSerializerContext;

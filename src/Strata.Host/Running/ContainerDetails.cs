using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Host.Running;

/// <summary>What the host remembers of a container besides its row.</summary>
public sealed record ContainerDetails
{
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Goes as soon as it has ended.</summary>
    public bool RemoveWhenEnded { get; init; }

    /// <summary>Empty too where they were remembered before containers had any.</summary>
    public IReadOnlyDictionary<string, string> Labels
    {
        get => field ?? ReadOnlyDictionary<string, string>.Empty;
        init;
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ContainerJson.Default.ContainerDetails);

    public static ContainerDetails Parse(ReadOnlyMemory<byte> bytes) =>
        JsonSerializer.Deserialize(bytes.Span, ContainerJson.Default.ContainerDetails) ?? throw new JsonException("a container's details are empty");
}

[JsonSerializable(typeof(ContainerDetails))]
internal sealed partial class ContainerJson : JsonSerializerContext;

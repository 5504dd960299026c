using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Strata.Cli.Templates;

/// <summary>Values from JSON and as JSON.</summary>
internal static class ValueJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true, IndentSize = 4 };

    public static string Write(Value value)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Compact))
        {
            Write(json, value);
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    public static void WriteIndented(Stream to, Value value)
    {
        using var json = new Utf8JsonWriter(to, Indented);
        Write(json, value);
    }

    /// <summary>All objects become maps: nobody here knows which names they should have.</summary>
    public static Value Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : new Value.Real(element.GetDouble()),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => Value.Of(element.EnumerateArray().Select(Read)),
        JsonValueKind.Object => new Value.Map(element.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, Read(property.Value)))),
        _ => Value.None,
    };

    private static void Write(Utf8JsonWriter json, Value value)
    {
        switch (value)
        {
            case Value.Text(var content):
                json.WriteStringValue(content);
                break;
            case Value.Whole(var number):
                json.WriteNumberValue(number);
                break;
            case Value.Real(var number) when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case Value.Truth(var isTrue):
                json.WriteBooleanValue(isTrue);
                break;
            case Value.List { IsNil: false } list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(json, item);
                }
                json.WriteEndArray();
                break;
            case Value.Map { IsNil: false } map:
                WriteObject(json, map.Entries);
                break;
            case Value.Fields(var entries):
                WriteObject(json, entries);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, Value>> entries)
    {
        json.WriteStartObject();
        foreach (var (name, value) in entries)
        {
            json.WritePropertyName(name);
            Write(json, value);
        }
        json.WriteEndObject();
    }
}

using System.Text;
using System.Text.Json;

namespace Strata.Store;

/// <summary>Many keys as the one value of a statement, which reads them with <c>json_each</c>.</summary>
internal static class JsonArray
{
    public static string Of(IEnumerable<string> texts)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var text in texts)
            {
                writer.WriteStringValue(text);
            }
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}

using System.Text;
using System.Text.Json;
using Strata.Testing;

namespace Strata.Oci.Tests;

/// <summary>Rows of a table of cases: all are looked at, then all that fail are named at once.</summary>
internal static class Rows
{
    public static void Check(JsonElement table, int count, Func<JsonElement, string?> check)
    {
        var failures = new StringBuilder();
        var rows = table.EnumerateArray().ToList();
        foreach (var row in rows)
        {
            if (check(row) is { } failure)
            {
                failures.AppendLine(failure);
            }
        }
        if (failures.Length > 0)
        {
            Assert.Fail(failures.ToString());
        }
        Assert.Equal(count, rows.Count);
    }

    public static string Text(this JsonElement row, string property) =>
        row.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public static bool Has(this JsonElement row, string property) => row.TryGetProperty(property, out _);

    public static bool Flag(this JsonElement row, string property) => row.GetProperty(property).GetBoolean();

    public static string? Differs(string what, string expected, string actual) =>
        expected == actual ? null : $"{what}: expected '{expected}', got '{actual}'";

    public static JsonElement Table(params ReadOnlySpan<string> path) => TestData.Json(path);
}

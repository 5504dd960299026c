using System.Text.Json;

namespace Strata.Dockerfile.Tests;

internal static class JsonRows
{
    public static string[] Strings(this JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];
}

using System.Text.Json;

namespace Strata.Dockerfile.Tests;

/// <summary>The tables of other projects' tests, in the folder that STRATA_TEST_DATA names.</summary>
internal static class LanguageData
{
    public static string Folder(params string[] parts)
    {
        string? root = Environment.GetEnvironmentVariable("STRATA_TEST_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "STRATA_TEST_DATA names no folder with test tables.");
        return Path.Combine([root!, .. parts]);
    }

    public static JsonElement Json(params string[] parts)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Folder(parts)));
        return document.RootElement.Clone();
    }

    public static string[] Strings(this JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];
}

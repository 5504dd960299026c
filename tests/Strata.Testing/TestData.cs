using System.Text.Json;

namespace Strata.Testing;

/// <summary>The tables of cases taken from other projects' tests. They are not part of this repository.</summary>
public static class TestData
{
    public const string Variable = "STRATA_TEST_DATA";

    /// <summary>The path of a table; skips the running test where the tables are not on this machine.</summary>
    public static string Path(params ReadOnlySpan<string> parts)
    {
        var root = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(root), $"{Variable} does not name the folder with the tables of cases.");
        return System.IO.Path.Combine([root!, .. parts]);
    }

    public static JsonElement Json(params ReadOnlySpan<string> parts) => JsonDocument.Parse(File.ReadAllBytes(Path(parts))).RootElement;
}

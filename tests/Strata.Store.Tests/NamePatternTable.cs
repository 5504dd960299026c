using System.Text.Json;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Store.Tests;

/// <summary>The rows of data/references on patterns of names. One is left out: a set that begins with '-' is an error there and a set here.</summary>
public sealed class NamePatternTable
{
    [Fact]
    public void Names_fit_patterns_as_in_docker()
    {
        var rows = TestData.Json("references", "normalize.json").GetProperty("familiarMatch").EnumerateArray().ToList();
        Assert.Equal(10, rows.Count);
        var failures = rows.Where(row => !row.TryGetProperty("error", out _)).Where(row => Fits(row) != row.GetProperty("match").GetBoolean()).ToList();
        Assert.Empty(failures);
        Assert.Single(rows, row => row.TryGetProperty("error", out _));
    }

    private static bool Fits(JsonElement row) =>
        NamePattern.Of(row.GetProperty("pattern").GetString()!).Fits(Reference.Parse(row.GetProperty("reference").GetString()!));
}

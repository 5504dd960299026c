using System.Text;
using System.Text.Json;
using Strata.Testing;

namespace Strata.Dockerfile.Tests;

public sealed class PatternTableTests
{
    [Fact]
    public void Every_row_of_the_match_table_holds()
    {
        int rows = 0;
        foreach (JsonElement row in TestData.Json("ignore-patterns", "match.json").GetProperty("match").EnumerateArray())
        {
            rows++;
            bool valid = PathPatterns.TryParse(row.GetProperty("patterns").Strings(), out PathPatterns? patterns, out string? error);
            if (row.TryGetProperty("error", out JsonElement expected))
            {
                Assert.False(valid, row.ToString());
                Assert.StartsWith(expected.GetString()!, error!, StringComparison.Ordinal);
                continue;
            }

            Assert.True(valid, row.ToString());
            byte[] path = Encoding.UTF8.GetBytes(CleanPath.Of(row.GetProperty("path").GetString()!));
            Assert.True(row.GetProperty("match").GetBoolean() == patterns!.MatchesOrParent(path), row.ToString());
        }

        Assert.Equal(138, rows);
    }

    [Fact]
    public void Every_row_holds_when_folders_hand_their_matches_to_their_children()
    {
        int rows = 0;
        foreach (JsonElement row in TestData.Json("ignore-patterns", "match.json").GetProperty("match").EnumerateArray())
        {
            if (!row.GetProperty("test").GetString()!.StartsWith("TestMatches", StringComparison.Ordinal)
                || row.TryGetProperty("error", out _))
            {
                continue;
            }

            rows++;
            Assert.True(PathPatterns.TryParse(row.GetProperty("patterns").Strings(), out PathPatterns? patterns, out _));
            string path = CleanPath.Of(row.GetProperty("path").GetString()!);
            PatternWalk walk = patterns.StartWalk();
            for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                walk = walk.Enter(Encoding.UTF8.GetBytes(path[..slash]));
            }

            byte[] bytes = Encoding.UTF8.GetBytes(path);
            bool expected = row.GetProperty("match").GetBoolean();
            Assert.True(expected == walk.Ignores(bytes), row.ToString());
        }

        Assert.True(rows > 70, $"{rows} rows");
    }

    [Fact]
    public void Every_row_of_the_list_table_holds()
    {
        int rows = 0;
        foreach (JsonElement row in TestData.Json("ignore-patterns", "match.json").GetProperty("lists").EnumerateArray())
        {
            rows++;
            bool valid = PathPatterns.TryParse(row.GetProperty("patterns").Strings(), out PathPatterns? patterns, out string? error);
            if (row.TryGetProperty("error", out JsonElement expected))
            {
                Assert.Equal(expected.GetString(), error);
                continue;
            }

            Assert.True(valid);
            if (row.TryGetProperty("count", out JsonElement count))
            {
                Assert.Equal(count.GetInt32(), patterns!.Patterns.Length);
            }

            if (row.TryGetProperty("hasExclusions", out JsonElement negations))
            {
                Assert.Equal(negations.GetBoolean(), patterns!.HasNegations);
            }
        }

        Assert.Equal(6, rows);
    }

    [Fact]
    public void Simple_patterns_take_the_fast_ways_of_the_original()
    {
        foreach (JsonElement row in TestData.Json("ignore-patterns", "match.json").GetProperty("compile").EnumerateArray())
        {
            string text = row.GetProperty("pattern").GetString()!;
            Assert.True(PathPattern.TryParse(text, 1, out PathPattern? pattern, out _));
            PathPatternKind[] allowed = row.GetProperty("matchType").GetString() switch
            {
                "exact" => [PathPatternKind.Exact],
                "prefix" => [PathPatternKind.Prefix],
                // "**" alone matches everything whichever way it is looked at.
                "suffix" => text == "**" ? [PathPatternKind.Glob] : [PathPatternKind.Suffix],
                _ => [PathPatternKind.Glob, PathPatternKind.LastElement],
            };
            Assert.Contains(pattern.Kind, allowed);
        }
    }

    [Fact]
    public void Every_row_of_the_reader_table_holds()
    {
        int rows = 0;
        foreach (JsonElement row in TestData.Json("ignore-patterns", "reader.json").GetProperty("reader").EnumerateArray())
        {
            rows++;
            byte[] input = Encoding.UTF8.GetBytes(row.GetProperty("input").GetString() ?? "");
            Assert.Equal(row.GetProperty("patterns").Strings(), IgnoreFile.ReadLines(input).Select(line => line.Text));
        }

        Assert.Equal(2, rows);
    }
}

using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Strata.Testing;

namespace Strata.Dockerfile.Tests;

public sealed class LintTableTests
{
    [Fact]
    public void Every_case_that_needs_no_image_gives_just_its_warnings()
    {
        int cases = 0;
        int warnings = 0;
        foreach (JsonElement row in TestData.Json("lint", "cases.json").GetProperty("cases").EnumerateArray())
        {
            string name = row.GetProperty("name").GetString()!;
            // Both rows need a base image for another platform in a registry; that rule is the engine's.
            if (name.StartsWith("testBaseImagePlatformMismatch", StringComparison.Ordinal))
            {
                continue;
            }

            cases++;
            warnings += Check(row, "warnings", wholeFile: false);
            if (row.TryGetProperty("lintRequestWarnings", out _))
            {
                Check(row, "lintRequestWarnings", wholeFile: true);
            }
        }

        Assert.Equal(87, cases);
        Assert.Equal(65, warnings);
    }

    [Fact]
    public void The_rules_have_the_descriptions_and_pages_users_know()
    {
        var rules = LintRules.All.ToDictionary(rule => rule.Name);
        foreach (JsonElement row in TestData.Json("lint", "rules.json").GetProperty("rules").EnumerateArray())
        {
            string name = row.GetProperty("rule").GetString()!;
            if (name == "InvalidBaseImagePlatform")
            {
                continue;
            }

            Assert.True(rules.Remove(name, out LintRule? rule), name);
            Assert.Equal(row.GetProperty("description").GetString(), rule.Description);
            Assert.Equal(row.GetProperty("url").GetString(), rule.Url);
            Assert.Equal(row.GetProperty("experimental").GetBoolean(), rule.IsExperimental);
        }

        Assert.Empty(rules);
    }

    private static int Check(JsonElement row, string table, bool wholeFile)
    {
        DockerfileSyntax file = DockerfileParser.Parse(row.GetProperty("dockerfile").GetString()!, "Dockerfile") switch
        {
            ParseResult.Parsed parsed => parsed.Dockerfile,
            ParseResult.Failed failed => failed.Readable,
            _ => throw new InvalidOperationException(),
        };
        LintReport report = Linter.Run(file, Options(row, file, wholeFile));

        // The lines of the whole-file table are off in one row, as its description says.
        string[] expected =
        [
            .. row.GetProperty(table).EnumerateArray()
                .Select(warning => $"{warning.GetProperty("rule")}: {warning.GetProperty("detail")}" + (wholeFile ? "" : $" (line {warning.GetProperty("line")})"))
                .Order(StringComparer.Ordinal),
        ];
        string[] actual =
        [
            .. report.Warnings.Select(warning => wholeFile ? $"{warning.Rule.Name}: {warning.Message}" : warning.ToString())
                .Order(StringComparer.Ordinal),
        ];
        Assert.True(
            expected.SequenceEqual(actual),
            $"{row.GetProperty("name")}\nexpected\n{string.Join('\n', expected)}\nactual\n{string.Join('\n', actual)}");
        if (row.TryGetProperty("buildError", out JsonElement error) && error.GetString()!.StartsWith("lint violation", StringComparison.Ordinal))
        {
            Assert.Equal(error.GetString(), report.Failure?.Message);
        }

        return expected.Length;
    }

    private static LintOptions Options(JsonElement row, DockerfileSyntax file, bool wholeFile)
    {
        var options = new LintOptions
        {
            BaseEnvironment = _ => [],
            Stages = wholeFile ? null : Needed(file),
        };
        if (row.TryGetProperty("dockerignore", out JsonElement ignore))
        {
            Assert.True(IgnoreFile.TryParse(Encoding.UTF8.GetBytes(ignore.GetString()!), ".dockerignore", out IgnoreFile? ignoreFile, out _));
            options = options with { IgnoreFile = ignoreFile };
        }

        if (row.TryGetProperty("frontendAttrs", out JsonElement attributes)
            && attributes.TryGetProperty("build-arg:BUILDKIT_DOCKERFILE_CHECK", out JsonElement check))
        {
            Assert.True(CheckOptions.TryParse(check.GetString()!, out CheckOptions? parsed, out _));
            options = options with { Check = parsed };
        }

        return options;
    }

    /// <summary>The last stage and the ones it is built from; no case copies from a stage it is not built from.</summary>
    private static ImmutableHashSet<int> Needed(DockerfileSyntax file)
    {
        var needed = ImmutableHashSet.CreateBuilder<int>();
        for (Stage? stage = file.Stages.LastOrDefault(); stage is not null;)
        {
            needed.Add(stage.Index);
            Stage current = stage;
            stage = file.Stages.Take(current.Index).LastOrDefault(earlier => earlier.Name == current.From.BaseName);
        }

        return needed.ToImmutable();
    }
}

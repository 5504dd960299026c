using System.Text.Json;
using CsCheck;
using static Strata.Oci.Tests.Rows;

namespace Strata.Oci.Tests;

/// <summary>
/// Own cases, and rows that containerd's platforms package is tested with. Left out: windowsMatch, windowsBuildCompat, windowsOrder (what a
/// Windows host runs, and this program runs on Linux alone), cpuVariantFromMachine (reads an ARM machine's variant, and this program is
/// built for amd64), the three rows of order for onlyOS (they sort images of other processors, which are never chosen here).
/// </summary>
public sealed class PlatformTests
{
    private static JsonElement Platforms(string table) => Table("platforms", "platforms.json").GetProperty(table);

    [Fact]
    public void Platforms_are_read_and_written() => Check(Platforms("parse"), 29, row =>
    {
        var input = row.Text("input");
        if (row.Has("supported") && !row.Flag("supported"))
        {
            return Platform.TryParse(input, out _) ? $"{input}: taken" : null;
        }
        if (!Platform.TryParse(input, out var platform))
        {
            return $"{input}: refused";
        }
        var expected = row.GetProperty("expected");
        // There arm and arm64/v8 stay as typed; here they are arm/v7 and arm64 from the start.
        return Differs(input, Of(expected).Normalize().ToString(), platform.ToString())
            ?? Differs(input, Platform.Parse(row.Text("formatted")).ToString(), platform.ToString())
            ?? Differs(input, platform.ToString(), Platform.Parse(platform.ToString()).ToString())
            ?? (row.Text("formatter") == "FormatAll" ? Differs(input, row.Text("formatted"), platform.ToFullString()) : null)
            ?? Differs(input, expected.Text("osVersion"), platform.OsVersion ?? "")
            ?? (row.TryGetProperty("matches", out var matches) ? CheckMatches(platform, matches) : null);
    });

    [Fact]
    public void What_is_no_platform_is_refused() => Check(Platforms("invalid"), 6, row =>
        Platform.TryParse(row.Text("input"), out var platform) ? $"'{row.Text("input")}': read as {platform}" : null);

    [Fact]
    public void Versions_and_features_are_written_and_read_back() => Check(Platforms("formatAll"), 10, row =>
    {
        var given = row.GetProperty("platform");
        var platform = Of(given) with
        {
            OsVersion = given.Has("osVersion") ? given.Text("osVersion") : null,
            OsFeatures = given.Has("osFeatures") ? [.. given.GetProperty("osFeatures").EnumerateArray().Select(feature => feature.GetString()!)] : null,
        };
        var text = platform.ToFullString();
        var read = Platform.Parse(text);
        return Differs(text, row.Text("expected"), text)
            ?? (row.Flag("roundTrip") ? Differs(text, platform.OsVersion ?? "", read.OsVersion ?? "")
                ?? Differs(text, string.Join(' ', platform.OsFeatures ?? []), string.Join(' ', read.OsFeatures ?? [])) : null);
    });

    [Theory]
    [InlineData("linux(x/amd64")]
    [InlineData("linux/amd64(x)")]
    [InlineData("(x)/amd64")]
    [InlineData("linux(x)(y)/amd64")]
    public void Parentheses_in_odd_places_are_refused(string text) => Assert.False(Platform.TryParse(text, out _));

    [Fact]
    public void What_runs_on_a_platform_is_known() => Check(Platforms("match"), 298, row =>
    {
        var platform = Platform.Parse(row.Text("platform"));
        var candidate = Platform.Parse(row.Text("candidate"));
        var actual = row.Text("matcher") switch
        {
            "only" => platform.Runs(candidate),
            "onlyStrict" => platform.Matches(candidate),
            _ => platform.HasSystemOf(candidate),
        };
        return actual == row.Flag("match") ? null : $"{row.Text("matcher")} {platform} {candidate}: should be {row.Flag("match")}";
    });

    // Of the rows' order, those that run: the best is chosen, then the best of the rest. How the others would stand, nobody asks here.
    [Fact]
    public void Images_are_chosen_in_the_order_of_preference()
    {
        var checkedRows = 0;
        Check(Platforms("order"), 9, row =>
        {
            if (row.Has("matcher"))
            {
                return null;
            }
            checkedRows++;
            var platform = Platform.Parse(row.Text("platform"));
            var expected = row.GetProperty("expected").EnumerateArray().Select(text => text.GetString()!).Where(text => platform.Runs(Platform.Parse(text)));
            var left = row.GetProperty("platforms").EnumerateArray().Select(text => text.GetString()!).ToList();
            var chosen = new List<string>();
            while (left.Count > 0 && IndexOf(left).Select(platform) is { Platform: not null } best)
            {
                var text = left.First(offered => Platform.Parse(offered).ToFullString() == best.Platform.ToFullString());
                left.Remove(text);
                chosen.Add(text);
            }
            return Differs(row.Text("platform"), string.Join(' ', expected), string.Join(' ', chosen));
        });
        Assert.Equal(6, checkedRows);
    }

    [Fact]
    public void A_list_gives_the_image_that_fits_best()
    {
        Assert.Equal("linux/arm/v7", Selected("linux/arm64", "linux/amd64", "linux/arm/v6", "linux/arm/v7"));
        Assert.Equal("linux/arm64", Selected("linux/arm64", "linux/arm/v7", "linux/arm64/v8"));
        Assert.Equal("linux/386", Selected("linux/amd64", "linux/386", "linux/arm64"));
        Assert.Equal("linux/amd64", Selected("linux/amd64/v3", "linux/amd64", "linux/386"));
        Assert.Null(Selected("linux/amd64", "linux/amd64/v3", "windows/amd64"));
        Assert.Null(Selected("linux/arm/v6", "linux/arm/v7"));
        Assert.Equal("linux/riscv64", Selected("linux/riscv64", "linux/amd64", "linux/riscv64"));
    }

    [Theory]
    [InlineData("x86_64", "linux/amd64")]
    [InlineData("linux/aarch64", "linux/arm64")]
    [InlineData("LINUX/ARM64/V8", "linux/arm64")]
    [InlineData("linux/armhf", "linux/arm/v7")]
    [InlineData("macos/arm64", "darwin/arm64")]
    public void Names_people_use_become_those_that_images_carry(string text, string expected) =>
        Assert.Equal(expected, Platform.Parse(text).ToString());

    [Fact]
    public void Writing_and_reading_again_changes_nothing() =>
        Gen.Select(Gen.OneOf("linux", "windows", "darwin"), Gen.OneOf("amd64", "arm", "arm64", "386", "riscv64", "x86_64"), Gen.OneOf("", "/v2", "/v8"))
            .Sample((os, architecture, variant) =>
            {
                var platform = Platform.Parse($"{os}/{architecture}{variant}");
                Assert.Equal(platform, Platform.Parse(platform.ToString()));
                Assert.Equal(platform, platform.Normalize());
            });

    private static string? CheckMatches(Platform platform, JsonElement matches)
    {
        foreach (var match in matches.EnumerateArray())
        {
            var candidate = Of(match);
            if (!platform.Matches(candidate))
            {
                return $"{platform} should match {candidate}";
            }
        }
        return null;
    }

    private static Platform Of(JsonElement row) =>
        new() { Os = row.Text("os"), Architecture = row.Text("architecture"), Variant = row.Has("variant") ? row.Text("variant") : null };

    private static string? Selected(string wanted, params string[] offered) => IndexOf(offered).Select(Platform.Parse(wanted))?.Platform!.ToString();

    private static ImageIndex IndexOf(IEnumerable<string> offered)
    {
        var manifests = offered.Select((o, i) => new Descriptor
        {
            MediaType = MediaTypes.OciManifest,
            Digest = Digest.Of([(byte)i]),
            Size = 1,
            Platform = Platform.Parse(o),
        });
        return ImageIndex.Create([.. manifests]);
    }
}

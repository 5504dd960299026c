using System.Text;

namespace Strata.Dockerfile.Tests;

public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("*.txt", "a.txt", true)]
    [InlineData("*.txt", "a/b.txt", false)]
    [InlineData("**.txt", "a.txt", true)]
    [InlineData("**", "a/b", false)]
    [InlineData("[[]x", "[x", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "a", false)]
    [InlineData("a[z-a]", "ab", false)]
    [InlineData("?", "é", true)]
    [InlineData("", "", true)]
    public void One_name_is_matched_as_Go_matches_it(string pattern, string name, bool expected)
    {
        Assert.True(GlobPattern.TryParse(pattern, out GlobPattern? glob, out _));
        Assert.Equal(expected, glob.Matches(Encoding.UTF8.GetBytes(name)));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("[]a]")]
    [InlineData("[a-]")]
    [InlineData("a\\")]
    public void A_malformed_pattern_is_refused(string pattern)
    {
        Assert.False(GlobPattern.TryParse(pattern, out _, out string? error));
        Assert.StartsWith("syntax error in pattern", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/src/./a*/", "src/ab", true)]
    [InlineData("../../src", "src", true)]
    [InlineData("a/*/c", "a/b/c", true)]
    [InlineData("a/*/c", "a/b/d/c", false)]
    [InlineData(".", "", true)]
    [InlineData("/", "x", false)]
    public void A_source_is_matched_element_by_element_and_cannot_leave_the_context(string source, string path, bool expected)
    {
        Assert.True(GlobPath.TryParse(source, out GlobPath? glob, out _));
        Assert.Equal(expected, glob.Matches(Encoding.UTF8.GetBytes(path)));
    }

    [Fact]
    public void A_walk_enters_only_the_folders_on_the_way()
    {
        Assert.True(GlobPath.TryParse("a/b*/c", out GlobPath? glob, out _));

        Assert.True(glob.MayMatchBelow(""u8));
        Assert.True(glob.MayMatchBelow("a"u8));
        Assert.True(glob.MayMatchBelow("a/bx"u8));
        Assert.False(glob.MayMatchBelow("a/x"u8));
        Assert.False(glob.MayMatchBelow("a/b/c"u8));
    }

    [Fact]
    public void An_escaped_wildcard_is_a_literal()
    {
        Assert.True(GlobPattern.TryParse("a\\*b", out GlobPattern? glob, out _));

        Assert.True(glob.IsLiteral);
        Assert.Equal("a*b", glob.Literal);
    }
}

using Strata.Testing;

namespace Strata.Dockerfile.Tests;

public sealed class ExpansionTests
{
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["PWD"] = "/home",
        ["SHELL"] = "bash",
        ["KOREAN"] = "한국어",
        ["NULL"] = "",
        ["FILE"] = "/a/b.tar.gz",
        ["LINES"] = "ab\nab",
        ["STARS"] = "a**b*",
        ["NEEDLE"] = "\\*",
    };

    [Fact]
    public void Every_row_of_the_variable_table_holds()
    {
        int rows = 0;
        foreach (string line in File.ReadAllLines(TestData.Path("buildkit-language", "shell", "envVarTest")))
        {
            string[] parts = line.Split('|');
            // Windows compares names of variables without case; builds here are for Linux.
            if (line.StartsWith('#') || parts.Length != 3 || parts[0].Trim() == "W")
            {
                continue;
            }

            rows++;
            ExpansionResult result = Expand(parts[1].Trim());
            string expected = parts[2].Trim();
            Assert.True(
                expected == "error" ? result.Error is not null : result.Error is null && result.Text == expected,
                $"{line}: {result.Error ?? result.Text}");
        }

        Assert.Equal(228, rows);
    }

    [Fact]
    public void Every_row_of_the_word_table_holds()
    {
        int rows = 0;
        var variables = new Dictionary<string, string>();
        foreach (string line in File.ReadAllLines(TestData.Path("buildkit-language", "shell", "wordsTest")))
        {
            if (line.StartsWith('#') || line.Length == 0)
            {
                continue;
            }

            if (line.StartsWith("ENV ", StringComparison.Ordinal))
            {
                string[] pair = line[4..].Split('=', 2);
                variables[pair[0]] = pair[1];
                continue;
            }

            rows++;
            string[] parts = line.Split('|');
            ExpansionResult result = Expansion.Expand(parts[0].TrimEnd(' '), name => variables.GetValueOrDefault(name));
            if (parts[1].Trim() == "error")
            {
                Assert.NotNull(result.Error);
                continue;
            }

            Assert.Null(result.Error);
            Assert.True(parts[1].TrimStart().Split(',').SequenceEqual(result.Words), $"{line}: {string.Join(',', result.Words)}");
        }

        Assert.Equal(24, rows);
    }

    [Theory]
    [InlineData("${FILE#*/}", "a/b.tar.gz")]
    [InlineData("${FILE##*/}", "b.tar.gz")]
    [InlineData("${FILE%.*}", "/a/b.tar")]
    [InlineData("${FILE%%.*}", "/a/b")]
    [InlineData("${FILE%x}", "/a/b.tar.gz")]
    [InlineData("${FILE#\\*}", "/a/b.tar.gz")]
    [InlineData("${FILE/b/c}", "/a/c.tar.gz")]
    [InlineData("${FILE//a/x}", "/x/b.txr.gz")]
    [InlineData("${FILE//\\//_}", "_a_b.tar.gz")]
    [InlineData("${FILE/\\/*r/x}", "x.gz")]
    [InlineData("${FILE/?/x}", "xa/b.tar.gz")]
    [InlineData("${SHELL//?/x}", "xxxx")]
    [InlineData("${SHELL//*/x}", "x")]
    [InlineData("${NULL//*/x}", "x")]
    [InlineData("${LINES%%b*}", "ab\na")]
    [InlineData("${LINES//a*/x}", "x\nx")]
    [InlineData("${KOREAN#?}", "국어")]
    [InlineData("${KOREAN%?}", "한국")]
    [InlineData("${SHELL/a/[$0]}", "b[]sh")]
    [InlineData("${SHELL//a/$SHELL}", "bbashsh")]
    [InlineData("${UNSET#x}", "")]
    [InlineData("${SHELL#*}", "bash")]
    [InlineData("${SHELL##*s}", "h")]
    [InlineData("${SHELL#}", "bash")]
    [InlineData("${SHELL///}", "bash")]
    [InlineData("${SHELL/$NULL/x}", "xbash")]
    [InlineData("${STARS%%\\**}", "a")]
    [InlineData("${STARS#?\\*}", "*b*")]
    [InlineData("${STARS//$NEEDLE/.}", "a..b.")]
    [InlineData("${PWD//\\//\\/}", "\\/home")]
    public void Prefixes_suffixes_and_replacements_follow_glob_patterns(string word, string expected)
    {
        ExpansionResult result = Expand(word);

        Assert.Null(result.Error);
        Assert.Equal(expected, result.Text);
    }

    [Theory]
    [InlineData("${PWD:#x}", "unsupported modifier (:#) in substitution")]
    [InlineData("${PWD@Q}", "unsupported modifier (@) in substitution")]
    [InlineData("${PWD#\\a}", "invalid pattern (\\a) in substitution: invalid escape '\\a'")]
    [InlineData("${PWD/x}", "syntax error: missing '/' in ${}")]
    [InlineData("${X:?}", "X: is not allowed to be unset")]
    [InlineData("${NULL:?}", "NULL: is not allowed to be empty")]
    [InlineData("${X:?set $SHELL}", "X: set bash")]
    [InlineData("a'b", "unexpected end of statement while looking for matching single-quote")]
    public void A_word_that_cannot_be_expanded_says_why(string word, string expected)
    {
        ExpansionResult result = Expand(word);

        Assert.NotNull(result.Error);
        Assert.EndsWith(expected, result.Error, StringComparison.Ordinal);
        Assert.StartsWith("failed to process \"", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_told_apart_by_whether_they_have_a_value_or_something_stands_in()
    {
        ExpansionResult result = Expand("$PWD ${MISSING} ${GUARDED:-x} ${ALSO:+y} '$QUOTED'");

        Assert.Equal(["PWD"], result.Used);
        Assert.Equal(["MISSING"], result.Undefined);
    }

    [Fact]
    public void A_heredoc_body_keeps_its_quotes_and_expands_inside_them()
    {
        ExpansionResult result = Expansion.ExpandHeredoc("it's '$SHELL' \"\\$SHELL\"\n", name => Variables.GetValueOrDefault(name));

        Assert.Equal("it's 'bash' \"$SHELL\"\n", result.Text);
    }

    [Fact]
    public void The_escape_character_is_the_files()
    {
        Assert.Equal("C:\\$PWD", Expansion.Expand("C:\\`$PWD", name => Variables.GetValueOrDefault(name), '`').Text);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        string word = string.Concat(Enumerable.Repeat("${X:-", 10_000)) + new string('}', 10_000);

        Assert.Contains("nested", Expand(word).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_length_of_a_result_is_bounded()
    {
        string big = new('x', 20_000_000);

        Assert.Contains("longer", Expansion.Expand("$A$A", _ => big).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_would_take_for_ever_is_refused()
    {
        string value = new('a', 60_000);

        ExpansionResult result = Expansion.Expand("${A/*a*a*b/x}", _ => value);

        Assert.Contains("too long", result.Error, StringComparison.Ordinal);
    }

    private static ExpansionResult Expand(string word) => Expansion.Expand(word, name => Variables.GetValueOrDefault(name));
}

using CsCheck;
using Strata.Cli.Rendering;

namespace Strata.Cli.Tests.Rendering;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("\e[1;31mabc\e[0m", 3)]
    [InlineData("日本語", 6)]
    [InlineData("e\u0301", 1)]
    [InlineData("🐳", 2)]
    [InlineData("\e", 0)]
    [InlineData("a\e[31", 1)]
    public void A_text_has_the_width_that_it_takes_on_a_terminal(string text, int width) => Assert.Equal(width, TerminalText.Width(text));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 3, "abc\e[0m")]
    [InlineData("\e[31mabcdef\e[0m", 3, "\e[31mabc\e[0m")]
    [InlineData("\e[31mabc\e[0m", 3, "\e[31mabc\e[0m")]
    [InlineData("日本語", 5, "日本\e[0m")]
    [InlineData("a🐳b", 2, "a\e[0m")]
    [InlineData("abc", 0, "\e[0m")]
    [InlineData("", 0, "")]
    public void A_line_is_cut_to_the_columns_there_are(string text, int width, string expected) => Assert.Equal(expected, TerminalText.Cut(text, width));

    [Fact]
    public void Nothing_is_ever_wider_than_it_was_cut_to() =>
        Gen.Select(Gen.String[Gen.Char["am\e[]3;日\ud83d\udc33\u0301\a"], 0, 30], Gen.Int[0, 20]).Sample(
            (text, width) => Assert.True(TerminalText.Width(TerminalText.Cut(text, width)) <= width));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\tb", "a\tb")]
    [InlineData("\e[32mok\e[0m", "\e[32mok\e[0m")]
    [InlineData("\e[32mok", "\e[32mok\e[0m")]
    [InlineData("\e[38;2;1;2;3mok\e[m done", "\e[38;2;1;2;3mok\e[m done")]
    [InlineData("\e[2J\e[Hgone", "gone")]
    [InlineData("\e[?25lhidden\e[1A\e[K", "hidden")]
    [InlineData("\e]0;my title\aname", "name")]
    [InlineData("\e]8;;http://x\e\\link\e]8;;\e\\", "link")]
    [InlineData("\ecreset", "reset")]
    [InlineData("\e(Bset", "set")]
    [InlineData("broken \e[31", "broken ")]
    [InlineData("bell\a back\b nul\0", "bell\uFFFD back\uFFFD nul\uFFFD")]
    public void What_a_program_printed_keeps_its_colours_and_nothing_else(string line, string expected) => Assert.Equal(expected, TerminalText.Tame(line));
}

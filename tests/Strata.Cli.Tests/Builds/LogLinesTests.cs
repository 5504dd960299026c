using System.Text;
using CsCheck;
using Strata.Cli.Rendering.Builds;

namespace Strata.Cli.Tests.Builds;

public sealed class LogLinesTests
{
    private static string[] Lines(params byte[][] pieces)
    {
        var lines = new LogLines();
        var taken = pieces.SelectMany(piece => lines.Take(piece).ToList()).ToList();
        return lines.TakeRest() is { } rest ? [.. taken, rest] : [.. taken];
    }

    private static string[] Lines(params string[] pieces) => Lines([.. pieces.Select(Encoding.UTF8.GetBytes)]);

    [Fact]
    public void Pieces_become_lines_when_their_end_has_come()
    {
        Assert.Equal(["one", "two", "three"], Lines("o", "ne\ntw", "o\nthree"));
        Assert.Equal(["", "a", ""], Lines("\na\n\n"));
        Assert.Empty(Lines(""));
    }

    [Fact]
    public void A_character_that_comes_in_pieces_is_whole()
    {
        var bytes = "né 🐳\n"u8.ToArray();
        Assert.Equal(["né 🐳"], Lines([.. bytes.Select(b => new[] { b })]));
    }

    [Fact]
    public void Bytes_that_are_no_text_show_that_they_are_not()
    {
        Assert.Equal(["a\uFFFDb"], Lines([(byte)'a', 0xFF, (byte)'b', (byte)'\n']));
        Assert.Equal(["a\uFFFD"], Lines([(byte)'a', 0xF0, 0x9F]));
    }

    [Fact]
    public void A_progress_bar_that_is_drawn_over_itself_is_a_line_each_time()
    {
        Assert.Equal(["10%", "50%", "100%"], Lines("10%\r50%\r100%\n"));
        Assert.Equal(["10%", "50%"], Lines("\e[2K\r10%\r\e[K\r50%\r"));
    }

    [Fact]
    public void A_carriage_return_and_a_line_feed_are_one_end()
    {
        Assert.Equal(["a", "b"], Lines("a\r\nb\r\n"));
        Assert.Equal(["a", "b"], Lines("a\r", "\nb"));
        Assert.Equal(["a", "", "b"], Lines("a\r\n\r\n", "b"));
    }

    [Fact]
    public void Control_characters_do_nothing_to_the_terminal() =>
        Assert.Equal(["\uFFFDding", "\e[31mred\e[0m", "moved"], Lines("\ading\n\e[3", "1mred\n\e[2J\e[1;1Hmoved\n"));

    [Fact]
    public void A_line_without_end_is_cut()
    {
        var lines = Lines(new string('x', 150_000) + "\n");
        Assert.Equal([65_536, 65_536, 18_928], lines.Select(line => line.Length));
    }

    [Fact]
    public void However_it_is_cut_into_pieces_the_lines_are_the_same() =>
        Gen.Select(Gen.String[Gen.Char["a\n\ré\e[m日"], 0, 40], Gen.Int[1, 7]).Sample((text, size) =>
            Assert.Equal(Lines(text), Lines([.. Encoding.UTF8.GetBytes(text).Chunk(size)])));
}

using Strata.Cli.Rendering;

namespace Strata.Cli.Tests.Rendering;

public sealed class QuantitiesTests
{
    [Theory]
    [InlineData("90m", 5400)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5h", 5400)]
    [InlineData("2d", 172800)]
    [InlineData("500ms", 0.5)]
    public void Times_are_read(string text, double seconds)
    {
        Assert.True(Quantities.TryParseTime(text, out var time));
        Assert.Equal(seconds, time.TotalSeconds);
    }

    [Theory]
    [InlineData("10GB", 10_000_000_000)]
    [InlineData("1.5GiB", 1_610_612_736)]
    [InlineData("512 mb", 512_000_000)]
    [InlineData("100", 100)]
    [InlineData("0", 0)]
    public void Sizes_are_read(string text, long bytes)
    {
        Assert.True(Quantities.TryParseSize(text, out var size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("-1h")]
    [InlineData("1y")]
    [InlineData("1h2")]
    [InlineData("99999999999999999w")]
    public void What_is_neither_is_refused(string text) => Assert.False(Quantities.TryParseTime(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("GB")]
    [InlineData("-1")]
    [InlineData("1XB")]
    [InlineData("99999999999TB")]
    public void Other_sizes_are_refused(string text) => Assert.False(Quantities.TryParseSize(text, out _));
}

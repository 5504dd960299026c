using System.Globalization;
using Strata.Cli.Verbs;

namespace Strata.Cli.Tests;

public sealed class MomentArgumentTests
{
    private static readonly DateTimeOffset Now = new(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("7d", "2026-02-03T12:00:00Z")]
    [InlineData("1w", "2026-02-03T12:00:00Z")]
    [InlineData("1h30m", "2026-02-10T10:30:00Z")]
    [InlineData("500ms", "2026-02-10T11:59:59.5Z")]
    [InlineData("0", "1970-01-01T00:00:00Z")]
    [InlineData("1.5", "1970-01-01T00:00:01.5Z")]
    [InlineData("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z")]
    [InlineData("2026-01-31T08:00:00+02:00", "2026-01-31T06:00:00Z")]
    public void A_moment_is_a_time_or_how_long_ago(string text, string expected)
    {
        Assert.True(MomentArgument.TryParse(text, Now, out var moment));
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), moment);
    }

    [Fact]
    public void A_date_alone_begins_here()
    {
        Assert.True(MomentArgument.TryParse("2026-01-31", Now, out var moment));
        Assert.Equal(new DateTime(2026, 1, 31, 0, 0, 0, DateTimeKind.Local).ToUniversalTime(), moment.UtcDateTime);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-1h")]
    [InlineData("5000000d")]
    [InlineData("12:00")]
    public void Anything_else_is_none(string text) => Assert.False(MomentArgument.TryParse(text, Now, out _));
}

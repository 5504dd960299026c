using Strata.Cli.Rendering;

namespace Strata.Cli.Tests.Rendering;

public sealed class AmountsTests
{
    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1, "1B")]
    [InlineData(999, "999B")]
    [InlineData(1000, "1kB")]
    [InlineData(1500, "1.5kB")]
    [InlineData(1234, "1.234kB")]
    [InlineData(12_345, "12.35kB")]
    [InlineData(1_500_000, "1.5MB")]
    [InlineData(370_340_000, "370.3MB")]
    [InlineData(999_949, "999.9kB")]
    [InlineData(999_960, "1MB")]
    [InlineData(2_000_000_000, "2GB")]
    [InlineData(long.MaxValue, "9223PB")]
    [InlineData(-1500, "-1.5kB")]
    public void A_size_is_written_as_docker_writes_it(long bytes, string expected) => Assert.Equal(expected, Amounts.Size(bytes));

    [Theory]
    [InlineData(-5, "Less than a second")]
    [InlineData(0.9, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(119, "About a minute")]
    [InlineData(120, "2 minutes")]
    [InlineData(59 * 60, "59 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(89 * 60, "About an hour")]
    [InlineData(90 * 60, "2 hours")]
    [InlineData(150 * 60, "3 hours")]
    [InlineData(47 * 3600, "47 hours")]
    [InlineData(47.6 * 3600, "2 days")]
    [InlineData(13 * 86400, "13 days")]
    [InlineData(14 * 86400, "2 weeks")]
    [InlineData(59 * 86400, "8 weeks")]
    [InlineData(60 * 86400, "2 months")]
    [InlineData(729 * 86400, "24 months")]
    [InlineData(730 * 86400, "2 years")]
    public void An_age_is_told_in_dockers_words(double seconds, string expected) => Assert.Equal(expected, Amounts.Age(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void What_has_no_time_has_no_age()
    {
        Assert.Equal("N/A", Amounts.Ago(null, DateTimeOffset.UnixEpoch));
        Assert.Equal("3 minutes ago", Amounts.Ago(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(3)));
    }

    [Theory]
    [InlineData(0, "0.0s")]
    [InlineData(1.25, "1.3s")]
    [InlineData(59.94, "59.9s")]
    [InlineData(59.97, "1m00s")]
    [InlineData(61, "1m01s")]
    [InlineData(3725, "62m05s")]
    public void A_duration_is_short(double seconds, string expected) => Assert.Equal(expected, Amounts.Seconds(TimeSpan.FromSeconds(seconds)));
}

namespace Strata.Host.Tests;

public sealed class HostNamesTests
{
    [Theory]
    [InlineData("db:10.0.0.7", "db", "10.0.0.7")]
    [InlineData("db=10.0.0.7", "db", "10.0.0.7")]
    [InlineData("six:::1", "six", "::1")]
    [InlineData("six:fe80::1:2", "six", "fe80::1:2")]
    [InlineData("six:[2001:db8::1]", "six", "2001:db8::1")]
    public void An_entry_is_a_name_and_an_address(string entry, string name, string address) =>
        Assert.Equal([(name, address)], HostNames.ParseExtra([entry]));

    [Theory]
    [InlineData("")]
    [InlineData("db")]
    [InlineData("db:")]
    [InlineData(":10.0.0.7")]
    [InlineData("db:10.0.0.7.8")]
    [InlineData("db:the-other-machine")]
    [InlineData("db:10.0.0.7\n6.6.6.6\texample.org")]
    [InlineData("two names:10.0.0.7")]
    public void What_is_none_is_refused_with_an_example(string entry)
    {
        var error = Assert.Throws<StrataException>(() => HostNames.ParseExtra([entry]));
        Assert.Equal($"'{entry}' is no host entry", error.Message);
        Assert.Equal("--add-host takes name:address, such as db:10.0.0.7", error.Hint);
    }
}

using System.Text;
using Strata.Cli.Verbs;
using Strata.Host;

namespace Strata.Cli.Tests;

public sealed class PasswordInputTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData("secret\n\n", "secret\n")]
    [InlineData("{\n  \"type\": \"service_account\"\n}\n", "{\n  \"type\": \"service_account\"\n}")]
    [InlineData("", "")]
    public async Task All_of_it_is_the_password_but_one_newline_at_the_end(string given, string password) => Assert.Equal(password, await ReadAsync(given));

    [Fact]
    public async Task A_long_one_is_whole_or_refused_and_never_cut()
    {
        var longest = new string('x', PasswordInput.MaxSize);
        Assert.Equal(longest, await ReadAsync(longest + "\r\n"));
        var error = await Assert.ThrowsAsync<StrataException>(() => ReadAsync(longest + "x\n"));
        Assert.Contains("longer than 65536 bytes", error.Message, StringComparison.Ordinal);
    }

    private static Task<string> ReadAsync(string given) => PasswordInput.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(given)), Stop);
}

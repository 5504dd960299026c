using Strata.Registry.Access;

namespace Strata.Registry.Tests.Access;

public sealed class BcryptTests
{
    // Hashes by other programs: those of the crypt_blowfish documentation, and Apache's htpasswd -B.
    [Theory]
    [InlineData("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK")]
    [InlineData("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a")]
    [InlineData("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy")]
    [InlineData("sécret", "$2y$05$lpbLIjXF3jlrQBmr2TIUwuo6TuzpzP/zeoSEvXzewg5fIKZyRMQ4q")]
    public void A_password_matches_the_hash_another_program_made_of_it(string password, string hash)
    {
        var parsed = BcryptHash.TryParse(hash);
        Assert.NotNull(parsed);
        Assert.True(parsed.Verify(password));
        Assert.False(parsed.Verify(password + "x"));
        Assert.False(parsed.Verify(password + "\0"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=")]
    [InlineData("$apr1$x$y")]
    [InlineData("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2y$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe")]
    [InlineData("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvy!!!")]
    public void What_is_no_bcrypt_hash_or_too_dear_is_none(string text) => Assert.Null(BcryptHash.TryParse(text));

    [Fact]
    public void Nothing_matches_the_hash_of_a_stranger() => Assert.False(BcryptHash.Unmatchable(4).Verify(""));
}

namespace Strata.Host.Tests;

public sealed class NearestWordTests
{
    private static readonly string[] Verbs = ["build", "run", "ps", "rm", "rmi", "images", "tag", "tags", "push", "pull"];

    [Theory]
    [InlineData("biuld", "build")]
    [InlineData("bild", "build")]
    [InlineData("image", "images")]
    [InlineData("imgaes", "images")]
    [InlineData("rn", "run")]
    [InlineData("psh", "ps")]
    public void A_slip_leads_to_the_word_that_was_meant(string word, string meant) => Assert.Equal(meant, NearestWord.To(word, Verbs));

    [Theory]
    [InlineData("top")]
    [InlineData("exec")]
    [InlineData("x")]
    [InlineData("")]
    [InlineData("run")]
    public void Another_word_leads_nowhere(string word) => Assert.Null(NearestWord.To(word, Verbs));
}

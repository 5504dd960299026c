using Strata.Host.Registries;
using Strata.Oci;
using Strata.Remote;

namespace Strata.Host.Tests.Registries;

public sealed class RollbackGoalTests
{
    private static readonly Digest First = Digest.Parse("sha256:" + new string('a', 63) + "1");
    private static readonly Digest Second = Digest.Parse("sha256:" + new string('a', 63) + "2");
    private static readonly Digest Third = Digest.Parse("sha256:" + new string('b', 64));

    private static readonly TagChange[] History =
    [
        new(3, Second, null, null, DateTimeOffset.UnixEpoch), new(2, Third, Second, null, DateTimeOffset.UnixEpoch), new(1, First, Third, null, DateTimeOffset.UnixEpoch),
    ];

    [Theory]
    [InlineData("b")]
    [InlineData("bbbbbbbbbbbb")]
    [InlineData("sha256:bb")]
    public void The_beginning_of_a_digest_that_the_tag_meant_is_enough(string text) => Assert.Equal(Third, RollbackGoal.Find(text, History));

    [Theory]
    [InlineData("aaaaaaaaaaaa", "the tag meant 2 digests that begin with aaaaaaaaaaaa")]
    [InlineData("c", "the tag never meant a digest that begins with c")]
    [InlineData("", "'' is no digest")]
    [InlineData("sha256:", "'sha256:' is no digest")]
    [InlineData("latest", "'latest' is no digest")]
    public void What_is_not_one_of_them_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<StrataException>(() => RollbackGoal.Find(text, History)).Message);
}

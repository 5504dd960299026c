namespace Strata.Build.Tests;

public sealed class FileModeChangeTests
{
    // What chmod(1) makes of each.
    [Theory]
    [InlineData("0", 0x1A4, false, 0)]
    [InlineData("4755", 0x1A4, false, 0x9ED)]
    [InlineData("u+x", 0x1A4, false, 0x1E4)]
    [InlineData("a-w", 0x1B6, false, 0x124)]
    [InlineData("go=", 0x1FF, false, 0x1C0)]
    [InlineData("a+X", 0x1A4, false, 0x1A4)]
    [InlineData("a+X", 0x1E4, false, 0x1ED)]
    [InlineData("a+X", 0x180, true, 0x1C9)]
    [InlineData("u+s,g+s", 0x1ED, false, 0xDED)]
    [InlineData("+t", 0x1FF, true, 0x3FF)]
    [InlineData("o=g", 0x1B0, false, 0x1B6)]
    [InlineData("u=rw,g=r,o=", 0x1FF, false, 0x1A0)]
    [InlineData("u+r-x", 0x140, false, 0x100)]
    [InlineData("=r", 0x9ED, false, 0x124)]
    [InlineData("=r", 0x9ED, true, 0x924)]
    public void A_mode_becomes_what_chmod_makes_of_it(string text, uint before, bool isDirectory, uint after)
    {
        Assert.True(FileModeChange.TryParse(text, out var change, out var problem), problem);
        Assert.Equal(after, change.Apply(before, isDirectory));
    }

    [Theory]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("10000")]
    [InlineData("u")]
    [InlineData("x")]
    [InlineData("u=rwq")]
    [InlineData("u+r,")]
    [InlineData("77777777777777777777")]
    public void What_is_no_mode_is_refused(string text) => Assert.False(FileModeChange.TryParse(text, out _, out _));
}

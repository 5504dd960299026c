using Strata.Cli.Rendering;

namespace Strata.Cli.Tests.Rendering;

public sealed class LayerBarTests
{
    [Theory]
    [InlineData(100, 0, 100, "████████████████")]
    [InlineData(50, 0, 100, "████████")]
    [InlineData(1, 0, 1_000_000, "█")]
    [InlineData(100, 50, 100, "████████░░░░░░░░")]
    [InlineData(100, 100, 100, "░░░░░░░░░░░░░░░░")]
    [InlineData(100, 1, 100, "███████████████░")]
    [InlineData(0, 0, 100, "")]
    [InlineData(0, 0, 0, "")]
    public void A_layer_is_as_long_as_it_is_large(long size, long wasted, long largest, string expected)
    {
        using var output = new Captured { Columns = 120, NoColour = true };
        Assert.Equal(expected, LayerBar.Draw(output.Output, size, wasted, largest));
    }
}

namespace Strata.Cli.Rendering;

/// <summary>A layer's size as a picture, beside those of the other layers; the part that later layers hide is another colour.</summary>
internal static class LayerBar
{
    private const int Length = 16;

    public static string Draw(Output output, long size, long wasted, long largest)
    {
        if (size <= 0 || largest <= 0)
        {
            return "";
        }
        var all = (int)Math.Max(1, Math.Round((double)size / largest * Length));
        var hidden = wasted <= 0 ? 0 : (int)Math.Clamp(Math.Round((double)wasted / size * all), 1, all);
        return output.Cyan(new string('█', all - hidden)) + (hidden == 0 ? "" : output.Red(new string('░', hidden)));
    }
}

using System.Globalization;
using Strata.Build;

namespace Strata.Cli.Rendering.Builds;

/// <summary>What a failed build shows above its error: the end of what the step printed, and the lines of the Dockerfile it is about; nothing of either commands the terminal.</summary>
internal static class BuildFailure
{
    public static void Write(Output error, BuildException failure)
    {
        if (failure is StepFailedException { LastLines: { IsEmpty: false } lines } step)
        {
            error.Line(error.Dim("------"));
            error.Line(error.Dim($" > {TerminalText.Tame(step.Step)}:"));
            foreach (var line in lines)
            {
                error.Line(TerminalText.Tame(line));
            }
            error.Line(error.Dim("------"));
        }
        if (failure.Excerpt.IsEmpty)
        {
            return;
        }
        var width = failure.Excerpt[^1].Number.ToString(CultureInfo.InvariantCulture).Length;
        foreach (var line in failure.Excerpt)
        {
            var number = line.Number.ToString(CultureInfo.InvariantCulture).PadLeft(width);
            var text = TerminalText.Tame(line.Text);
            error.Line(line.IsCause ? $" {error.Red(number)} | {error.Red(">>>")} {error.Bold(text)}" : $" {error.Dim(number)} |     {text}");
        }
        error.Line();
    }
}

using Strata.Build;
using Strata.Cli.Rendering.Builds;

namespace Strata.Cli.Tests.Builds;

public sealed class BuildFailureTests
{
    [Fact]
    public void Neither_the_steps_output_nor_the_Dockerfile_commands_the_terminal()
    {
        using var output = new Captured();
        BuildFailure.Write(output.Output, new StepFailedException("Dockerfile:2", "RUN \e[2Jmake", 1, ["\e]0;owned\aat the end", "\e[31mred"])
        {
            Excerpt = [new SourceLine(1, "FROM \e[2Jbase", false), new SourceLine(2, "RUN \e[2Jmake", true)],
        });
        Assert.Equal("------\n > RUN make:\nat the end\n\e[31mred\e[0m\n------\n 1 |     FROM base\n 2 | >>> RUN make\n\n", output.Text);
    }
}

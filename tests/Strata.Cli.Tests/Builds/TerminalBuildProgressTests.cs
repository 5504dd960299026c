using System.Text;
using Microsoft.Extensions.Time.Testing;
using Strata.Build;
using Strata.Cli.Rendering.Builds;
using Strata.Cli.Tests.Rendering;
using Strata.Oci;

namespace Strata.Cli.Tests.Builds;

public sealed class TerminalBuildProgressTests : IDisposable
{
    private const int Height = 8;
    private static readonly Digest A = Digest.Of("a"u8);
    private readonly Captured _output = new() { Columns = 60, Lines = Height, NoColour = true };
    private readonly FakeTimeProvider _time = new();
    private readonly TerminalBuildProgress _progress;

    public TerminalBuildProgressTests() => _progress = new TerminalBuildProgress(_output.Output, _time);

    public void Dispose()
    {
        _progress.Dispose();
        _output.Dispose();
    }

    private Screen Screen => new Screen(Height).Show(_output.Text);

    [Fact]
    public void A_step_is_shown_with_its_time_and_the_last_of_what_it_printed()
    {
        _progress.Report(new BuildEvent.Started("[2/2] RUN make") { Vertex = A });
        _progress.Report(new BuildEvent.Log(OutputStream.Output, Encoding.UTF8.GetBytes("cc a.c\ncc b.c\n")) { Vertex = A });
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Matches(@"^\[\+\] Building 1\.0s \(0/1\) \n => \[2/2\] RUN make +1\.0s\n => => # cc a\.c\n => => # cc b\.c$", Screen.All);
    }

    [Fact]
    public void A_build_of_more_steps_than_the_terminal_has_lines_does_not_scroll_until_it_is_over()
    {
        for (var i = 0; i < 30; i++)
        {
            var vertex = Digest.Of(Encoding.ASCII.GetBytes($"{i}"));
            _progress.Report(new BuildEvent.Started($"[{i}/30] COPY") { Vertex = vertex });
            _time.Advance(TimeSpan.FromSeconds(1));
            _progress.Report(new BuildEvent.Done(null, 0) { Vertex = vertex });
        }
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Screen.Scrolled);
        Assert.Equal(Height - 1, Screen.All.Split('\n').Length);
        Assert.Contains("[29/30] COPY", Screen.All, StringComparison.Ordinal);
        _progress.Finish(succeeded: true);
        Assert.Equal(31, Screen.All.Split('\n').Length);
        Assert.StartsWith("[+] Building 31.0s (30/30) FINISHED\n => [0/30] COPY", Screen.All, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_a_Dockerfile_says_commands_the_terminal()
    {
        _progress.Report(new BuildEvent.Started("RUN \e]0;owned\a\e[2Jmake") { Vertex = A });
        _progress.Report(new BuildEvent.Missed("\e[1;1Hchanged") { Vertex = A });
        _progress.Finish(succeeded: false);
        Assert.DoesNotContain("\e]", _output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[2J", _output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[1;1H", _output.Text, StringComparison.Ordinal);
    }
}

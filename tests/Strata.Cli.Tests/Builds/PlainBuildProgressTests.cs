using System.Text;
using Microsoft.Extensions.Time.Testing;
using Strata.Build;
using Strata.Cli.Rendering.Builds;
using Strata.Oci;

namespace Strata.Cli.Tests.Builds;

public sealed class PlainBuildProgressTests : IDisposable
{
    private static readonly Digest A = Digest.Of("a"u8);
    private static readonly Digest B = Digest.Of("b"u8);
    private readonly Captured _output = new();
    private readonly FakeTimeProvider _time = new();
    private readonly PlainBuildProgress _progress;

    public PlainBuildProgressTests() => _progress = new PlainBuildProgress(_output.Output, _time);

    public void Dispose()
    {
        _progress.Dispose();
        _output.Dispose();
    }

    private void After(double seconds, BuildEvent value)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _progress.Report(value);
    }

    private static BuildEvent.Log Log(Digest vertex, string text) => new(OutputStream.Output, Encoding.UTF8.GetBytes(text)) { Vertex = vertex };

    [Fact]
    public void Steps_one_after_another_are_shown_in_BuildKits_plain_form()
    {
        After(0, new BuildEvent.Started("[1/2] FROM base") { Vertex = A });
        After(0, new BuildEvent.Cached { Vertex = A });
        After(0, new BuildEvent.Started("[2/2] RUN make") { Vertex = B });
        After(0, new BuildEvent.Missed("Makefile changed") { Vertex = B });
        After(0.3, Log(B, "cc -c a.c\ncc -"));
        After(12, Log(B, "c b.c\n"));
        After(100, Log(B, "linked"));
        After(0, new BuildEvent.Warning("the clock is wrong") { Vertex = B });
        After(1, new BuildEvent.Done(A, 10) { Vertex = B });
        _progress.Finish(succeeded: true);
        Assert.Equal(
            """
            #1 [1/2] FROM base
            #1 CACHED

            #2 [2/2] RUN make
            #2 # Makefile changed
            #2 0.300 cc -c a.c
            #2 12.30 cc -c b.c
            #2 WARNING: the clock is wrong
            #2 113.3 linked
            #2 DONE 1m53s


            """,
            _output.Text);
    }

    [Fact]
    public void Steps_side_by_side_say_when_the_other_goes_on()
    {
        After(0, new BuildEvent.Started("[a 1/1] RUN a") { Vertex = A });
        After(0, new BuildEvent.Started("[b 1/1] RUN b") { Vertex = B });
        After(1, Log(A, "from a\n"));
        After(1, Log(B, "from b\n"));
        After(1, new BuildEvent.Failed("exit code 1") { Vertex = A });
        After(0, new BuildEvent.Canceled { Vertex = B });
        Assert.Equal(
            """
            #1 [a 1/1] RUN a
            #1 1.000 from a
            #1 ...

            #2 [b 1/1] RUN b
            #2 2.000 from b
            #2 ...

            #1 [a 1/1] RUN a
            #1 ERROR: exit code 1

            #2 [b 1/1] RUN b
            #2 CANCELED


            """,
            _output.Text);
    }

    [Fact]
    public void A_transfer_is_told_when_it_is_over()
    {
        After(0, new BuildEvent.Started("FROM base") { Vertex = A });
        After(0, new BuildEvent.Transfer("sha256:1", 10, 2000) { Vertex = A });
        After(0, new BuildEvent.Transfer("sha256:1", 2000, 2000) { Vertex = A });
        After(0, new BuildEvent.Transfer("sha256:2", 2000, null) { Vertex = A });
        After(2, new BuildEvent.Done(null, 0) { Vertex = A });
        Assert.Equal("#1 FROM base\n#1 sha256:1 2kB done\n#1 DONE 2.0s\n\n", _output.Text);
    }

    [Fact]
    public void What_will_take_a_while_is_told_when_it_begins_too()
    {
        After(0, new BuildEvent.Started("RUN true") { Vertex = A });
        After(0, new BuildEvent.Transfer("unpacking 1", 0, 370_000_000) { Vertex = A });
        After(9, new BuildEvent.Transfer("unpacking 1", 370_000_000, 370_000_000) { Vertex = A });
        After(0, new BuildEvent.Done(null, 0) { Vertex = A });
        Assert.Equal("#1 RUN true\n#1 unpacking 1 370MB …\n#1 unpacking 1 370MB done\n#1 DONE 9.0s\n\n", _output.Text);
    }

    [Fact]
    public void A_warning_about_no_step_stands_alone_and_what_never_started_says_nothing()
    {
        After(0, new BuildEvent.Warning("the last line has no end") { Vertex = A });
        After(0, Log(B, "lost\n"));
        Assert.Equal("WARNING: the last line has no end\n", _output.Text);
    }

    [Fact]
    public void Nothing_that_a_Dockerfile_or_a_step_says_commands_the_terminal()
    {
        After(0, new BuildEvent.Started("RUN \e]0;owned\a\e[2Jmake") { Vertex = A });
        After(0, new BuildEvent.Missed("\e[H/file changed") { Vertex = A });
        After(0, Log(A, "\e[31mred\e[2J\n"));
        After(0, new BuildEvent.Warning("\e[2Jlate") { Vertex = A });
        After(0, new BuildEvent.Failed("no \e[2J") { Vertex = A });
        Assert.Equal("#1 RUN make\n#1 # /file changed\n#1 0.000 \e[31mred\e[0m\n#1 WARNING: late\n#1 ERROR: no \n\n", _output.Text);
    }
}

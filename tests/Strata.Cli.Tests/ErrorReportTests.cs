using System.Collections.Immutable;
using Strata.Build;
using Strata.Host;
using Strata.Linux;
using Strata.Runtime;

namespace Strata.Cli.Tests;

public sealed class ErrorReportTests
{
    private const int RunFailed = 125;

    private static (int Code, string Text) Report(Exception exception, int failureCode = 1, bool debug = false, bool cancelled = false)
    {
        using var error = new Captured();
        var code = ErrorReport.Write(error.Output, exception, debug, failureCode, new CancellationToken(cancelled));
        return (code, error.Text);
    }

    [Fact]
    public void An_error_is_a_sentence_and_what_to_do() => Assert.Equal(
        (1, "error: there is no image 'x' in the store\nhint: did you mean y?\n"),
        Report(new StrataException("there is no image 'x' in the store", "did you mean y?")));

    [Fact]
    public void Ctrl_C_is_130_and_no_error() => Assert.Equal((130, "strata: interrupted\n"), Report(new OperationCanceledException(), cancelled: true));

    [Fact]
    public void What_fails_while_it_is_being_interrupted_is_told() => Assert.Equal((1, "error: no\n"), Report(new StrataException("no"), cancelled: true));

    [Fact]
    public void Something_that_timed_out_was_not_interrupted()
    {
        var (code, text) = Report(new OperationCanceledException("the registry was too slow"));
        Assert.Equal(1, code);
        Assert.StartsWith("error: the registry was too slow\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    public void A_program_that_can_not_be_run_ends_run_with_the_shells_code(int code) =>
        Assert.Equal((code, "error: no such program\n"), Report(new OciRuntimeException("no such program") { ExitCode = code }, RunFailed));

    [Fact]
    public void Elsewhere_it_is_a_failure_like_another() => Assert.Equal(1, Report(new OciRuntimeException("no such program") { ExitCode = 127 }).Code);

    [Fact]
    public void Whatever_else_goes_wrong_in_run_is_125() => Assert.Equal(RunFailed, Report(new StrataException("no"), RunFailed).Code);

    [Fact]
    public void Who_has_left_is_told_nothing() => Assert.Equal((1, ""), Report(new LinuxException(Errno.EPIPE, "write")));

    [Fact]
    public void A_full_disk_says_how_to_make_room()
    {
        var (_, text) = Report(new LinuxException(Errno.ENOSPC, "write", "blob"));
        Assert.Equal(
            "error: the disk is full: write blob: No space left on device (ENOSPC)\n"
            + "hint: `strata prune` removes what no image and no container uses; `strata system df` shows what takes the space\n",
            text);
    }

    [Fact]
    public void What_only_root_may_do_says_so() =>
        Assert.EndsWith("need root in this version: try sudo\n", Report(new LinuxException(Errno.EACCES, "mkdir", "/var/lib/strata")).Text, StringComparison.Ordinal);

    [Fact]
    public void The_one_error_of_several_tasks_is_that_error() =>
        Assert.Equal("error: it\nhint: do\n", Report(new AggregateException(new StrataException("it", "do"))).Text);

    [Fact]
    public void An_error_without_words_of_its_own_says_where_to_look_and_debug_shows_it()
    {
        Assert.Equal("error: oh\nhint: this error should have had better words; --debug shows where it came from\n", Report(new InvalidOperationException("oh")).Text);
        Assert.Contains("System.InvalidOperationException: oh", Report(new InvalidOperationException("oh"), debug: true).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_step_shows_what_it_printed_last_and_the_lines_of_the_Dockerfile()
    {
        var failure = new StepFailedException("Dockerfile:10: ", "[2/2] RUN make", 2, ["make: *** No rule", "make: stopped"])
        {
            Excerpt = ImmutableArray.Create(new SourceLine(9, "COPY . .", false), new SourceLine(10, "RUN make", true)),
        };
        Assert.Equal(
            """
            ------
             > [2/2] RUN make:
            make: *** No rule
            make: stopped
            ------
              9 |     COPY . .
             10 | >>> RUN make

            error: Dockerfile:10: [2/2] RUN make: the command ended with exit code 2

            """,
            Report(failure).Text);
    }
}

using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux.Tests;

public sealed class TerminalTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_on_a_pseudo_terminal_sees_its_size_and_has_it_as_its_own()
    {
        var (controller, path) = Terminal.OpenPty();
        using var screen = new DescriptorStream(controller);
        Terminal.SetSize(controller, 123, 45);
        using var child = ChildProcess.Start(Shell.Script("stty size; tty; echo own >/dev/tty") with { ControllingTerminal = path });
        using var reader = new StreamReader(screen);
        // The end of a terminal whose last user is gone is EIO; it reads as an end.
        Assert.Equal($"45 123\r\n{path}\r\nown\r\n", await reader.ReadToEndAsync(Ct));
        Assert.True((await child.WaitAsync(Ct)).IsSuccess);
    }

    [Fact]
    public async Task A_change_of_size_reaches_the_program()
    {
        var (controller, path) = Terminal.OpenPty();
        using var screen = new DescriptorStream(controller);
        Terminal.SetSize(controller, 80, 25);
        using var child = ChildProcess.Start(
            new ProcessStart
            {
                Path = "/bin/bash",
                Arguments = ["bash", "-c", "trap 'stty size; exit 3' WINCH; echo ready; while :; do read -t 0.05 x; done"],
                ControllingTerminal = path,
            });
        using var reader = new StreamReader(screen);
        Assert.Equal("ready", await reader.ReadLineAsync(Ct));
        Terminal.SetSize(controller, 100, 30);
        Assert.Equal("30 100", await reader.ReadLineAsync(Ct));
        Assert.Equal(3, (await child.WaitAsync(Ct)).Code);
    }

    [Fact]
    public async Task Raw_mode_passes_every_key_and_ends_when_disposed()
    {
        var (controller, path) = Terminal.OpenPty();
        using var screen = new DescriptorStream(controller);
        using var terminal = HostFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY);
        var fd = (int)terminal.DangerousGetHandle();
        var before = (await Shell.Run($"stty -g -F {path}")).Output;
        using (var raw = Terminal.EnterRawMode(fd))
        {
            Assert.NotNull(raw);
            var settings = (await Shell.Run($"stty -a -F {path}")).Output;
            foreach (var off in (string[])["-icanon", "-isig", "-echo ", "-icrnl", "-ixon", "-opost", "-iexten"])
            {
                Assert.Contains(off, settings, StringComparison.Ordinal);
            }
            // Ctrl-C, a return and Ctrl-D arrive as bytes, without waiting for a line.
            screen.Write([3, 13, 4]);
            using var typed = new DescriptorStream(HostFile.Duplicate(terminal));
            var keys = new byte[3];
            typed.ReadExactly(keys);
            Assert.Equal([3, 13, 4], keys);
            raw.Dispose();
        }
        Assert.Equal(before, (await Shell.Run($"stty -g -F {path}")).Output);
    }

    [Fact]
    public void What_is_no_terminal_has_no_size_and_no_raw_mode()
    {
        var (read, write) = Pipes.Create();
        using (read)
        using (write)
        {
            var fd = (int)read.DangerousGetHandle();
            Assert.False(Terminal.IsTerminal(fd));
            Assert.Null(Terminal.Size(fd));
            Assert.Null(Terminal.EnterRawMode(fd));
            Assert.False(Terminal.IsTerminal(999_999));
        }
        var (controller, path) = Terminal.OpenPty();
        using (controller)
        using (var terminal = HostFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY))
        {
            Assert.True(Terminal.IsTerminal((int)terminal.DangerousGetHandle()));
            Assert.Null(Terminal.Size((int)terminal.DangerousGetHandle()));
        }
    }

    [Fact]
    public void A_reader_that_is_gone_surfaces_as_EPIPE()
    {
        var (read, write) = Pipes.Create();
        read.Dispose();
        using var stream = new DescriptorStream(write);
        Assert.Equal(Errno.EPIPE, Assert.Throws<LinuxException>(() => stream.Write("x"u8)).Errno);
    }

    [Fact]
    public async Task A_descriptor_that_somebody_made_non_blocking_loses_nothing()
    {
        var (read, write) = Pipes.Create();
        const int SetFlags = 4;
        Assert.Equal(0, FileCalls.fcntl(write, SetFlags, OpenFlags.O_NONBLOCK));
        Assert.Equal(0, FileCalls.fcntl(read, SetFlags, OpenFlags.O_NONBLOCK));
        var sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);
        var writing = Task.Run(() =>
        {
            using var stream = new DescriptorStream(write);
            stream.Write(sent);
        }, Ct);
        using var received = new MemoryStream();
        using (var stream = new DescriptorStream(read))
        {
            await stream.CopyToAsync(received, Ct);
        }

        await writing;
        Assert.Equal(sent, received.ToArray());
    }

    [Fact]
    public async Task A_read_that_waits_holds_up_no_write_and_can_be_cancelled()
    {
        var (controller, path) = Terminal.OpenPty();
        using var screen = new DescriptorStream(controller);
        using var terminal = new DescriptorStream(HostFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY));
        using (var cancel = new CancellationTokenSource())
        {
            var waiting = terminal.ReadAsync(new byte[16], cancel.Token).AsTask();
            await terminal.WriteAsync("shown"u8.ToArray(), Ct);
            var shown = new byte[5];
            await screen.ReadExactlyAsync(shown, Ct);
            Assert.Equal("shown"u8, shown);
            Assert.False(waiting.IsCompleted);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }
        var typed = terminal.ReadAsync(new byte[16], Ct).AsTask();
        await screen.WriteAsync("line\n"u8.ToArray(), Ct);
        Assert.Equal(5, await typed);
    }

    [Fact]
    public void Disposing_a_standard_stream_closes_nothing()
    {
        StandardStreams.Error.Dispose();
        StandardStreams.Error.Write(Encoding.ASCII.GetBytes(""));
        using var error = new SafeFileHandle(2, ownsHandle: false);
        Assert.True(FileCalls.fcntl(error, 1, 0) >= 0);
    }
}

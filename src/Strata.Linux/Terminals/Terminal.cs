using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// Terminals by their descriptors. While a terminal is in raw mode System.Console must not be touched: the runtime
/// would put its own settings back.
/// </summary>
public static class Terminal
{
    public static bool IsTerminal(int fd)
    {
        using var terminal = Borrow(fd);
        var settings = default(TerminalCalls.Termios);
        return TerminalCalls.ioctl(terminal, TerminalCalls.TCGETS, ref settings) == 0;
    }

    /// <summary>Null when it is no terminal, or one that does not know its size.</summary>
    public static (int Columns, int Rows)? Size(int fd)
    {
        using var terminal = Borrow(fd);
        var size = default(TerminalCalls.WindowSize);
        var known = TerminalCalls.ioctl(terminal, TerminalCalls.TIOCGWINSZ, ref size) == 0 && size is { Columns: > 0, Rows: > 0 };
        return known ? (size.Columns, size.Rows) : null;
    }

    /// <summary>Whoever runs in the terminal gets SIGWINCH.</summary>
    public static void SetSize(SafeFileHandle terminal, int columns, int rows)
    {
        var size = new TerminalCalls.WindowSize
        {
            Columns = (ushort)Math.Clamp(columns, 0, ushort.MaxValue),
            Rows = (ushort)Math.Clamp(rows, 0, ushort.MaxValue),
        };
        if (TerminalCalls.ioctl(terminal, TerminalCalls.TIOCSWINSZ, ref size) < 0)
        {
            throw Failure.Of("ioctl TIOCSWINSZ");
        }
    }

    /// <summary>Every key as its bytes, Ctrl-C too, nothing echoed or translated, until disposed. Null when it is no terminal.</summary>
    public static IDisposable? EnterRawMode(int fd) => Settings(fd) is { } settings ? ChangedTerminal.Raw(fd, settings) : null;

    /// <summary>What is typed is not shown until the result is disposed; null where <paramref name="fd"/> is no terminal.</summary>
    public static IDisposable? HideInput(int fd) => Settings(fd) is { } settings ? ChangedTerminal.WithoutEcho(fd, settings) : null;

    /// <summary>A new pseudo terminal: what is written to the controller is typed, what is read from it is shown.</summary>
    public static (SafeFileHandle Controller, string TerminalPath) OpenPty()
    {
        var controller = HostFile.Open("/dev/ptmx", OpenFlags.O_RDWR | OpenFlags.O_NOCTTY);
        var unlocked = 0;
        var number = 0;
        if (TerminalCalls.ioctl(controller, TerminalCalls.TIOCSPTLCK, ref unlocked) == 0
            && TerminalCalls.ioctl(controller, TerminalCalls.TIOCGPTN, ref number) == 0)
        {
            return (controller, string.Create(CultureInfo.InvariantCulture, $"/dev/pts/{number}"));
        }

        var failure = Failure.Of("ioctl", "/dev/ptmx");
        controller.Dispose();
        throw failure;
    }

    internal static SafeFileHandle Borrow(int fd) => new(fd, ownsHandle: false);

    private static TerminalCalls.Termios? Settings(int fd)
    {
        using var terminal = Borrow(fd);
        var settings = default(TerminalCalls.Termios);
        return TerminalCalls.ioctl(terminal, TerminalCalls.TCGETS, ref settings) == 0 ? settings : null;
    }
}

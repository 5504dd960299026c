namespace Strata.Linux;

/// <summary>A terminal in another mode until disposed.</summary>
internal sealed class ChangedTerminal : IDisposable
{
    // What cfmakeraw(3) clears: IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON; OPOST; ECHO ECHONL ICANON ISIG IEXTEN; CSIZE PARENB.
    private const uint InputOff = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;
    private const uint OutputOff = 0x1;
    private const uint LocalOff = 0x8 | 0x40 | 0x2 | 0x1 | 0x8000;
    private const uint ControlOff = 0x30 | 0x100;
    private const uint EightBits = 0x30;
    private const uint Echo = 0x8;
    private const int VTime = 5;
    private const int VMin = 6;

    private readonly int _fd;
    private TerminalCalls.Termios _before;
    private bool _left;

    private ChangedTerminal(int fd, in TerminalCalls.Termios before)
    {
        _fd = fd;
        _before = before;
    }

    internal static ChangedTerminal Raw(int fd, in TerminalCalls.Termios before)
    {
        var raw = before;
        raw.Input &= ~InputOff;
        raw.Output &= ~OutputOff;
        raw.Local &= ~LocalOff;
        raw.Control = (raw.Control & ~ControlOff) | EightBits;
        raw.Characters[VMin] = 1;
        raw.Characters[VTime] = 0;
        return Enter(fd, before, raw);
    }

    internal static ChangedTerminal WithoutEcho(int fd, in TerminalCalls.Termios before)
    {
        var silent = before;
        silent.Local &= ~Echo;
        return Enter(fd, before, silent);
    }

    private static ChangedTerminal Enter(int fd, in TerminalCalls.Termios before, TerminalCalls.Termios after)
    {
        using var terminal = Terminal.Borrow(fd);
        return TerminalCalls.ioctl(terminal, TerminalCalls.TCSETSW, ref after) == 0
            ? new ChangedTerminal(fd, before)
            : throw Failure.Of("ioctl TCSETSW");
    }

    public void Dispose()
    {
        if (_left)
        {
            return;
        }

        _left = true;
        using var terminal = Terminal.Borrow(_fd);
        // The terminal may be gone (a closed window); there is nothing to put back then.
        _ = TerminalCalls.ioctl(terminal, TerminalCalls.TCSETSW, ref _before);
    }
}

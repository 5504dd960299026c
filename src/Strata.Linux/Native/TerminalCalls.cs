using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>ioctl(2) on terminals, see ioctl_tty(2).</summary>
internal static partial class TerminalCalls
{
    internal const ulong TCGETS = 0x5401;
    internal const ulong TCSETSW = 0x5403;
    internal const ulong TIOCGWINSZ = 0x5413;
    internal const ulong TIOCSWINSZ = 0x5414;
    internal const ulong TIOCGPTN = 0x80045430;
    internal const ulong TIOCSPTLCK = 0x40045431;

    private const string C = "libc";

    [LibraryImport(C, SetLastError = true)]
    internal static partial int ioctl(SafeHandle terminal, ulong request, ref Termios settings);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int ioctl(SafeHandle terminal, ulong request, ref WindowSize size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int ioctl(SafeHandle terminal, ulong request, ref int value);

    /// <summary>struct termios as the kernel has it; glibc's has more.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Termios
    {
        internal uint Input;
        internal uint Output;
        internal uint Control;
        internal uint Local;
        internal byte Line;
        internal ControlCharacters Characters;
    }

    [System.Runtime.CompilerServices.InlineArray(19)]
    internal struct ControlCharacters
    {
        private byte _first;
    }

    /// <summary>struct winsize.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct WindowSize
    {
        internal ushort Rows;
        internal ushort Columns;
        internal ushort Width;
        internal ushort Height;
    }
}

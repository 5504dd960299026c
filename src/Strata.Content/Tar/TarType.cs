namespace Strata.Content.Tar;

/// <summary>The type flag of a header (POSIX pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").</summary>
public static class TarType
{
    public const byte Regular = (byte)'0';

    /// <summary>A regular file of archives before POSIX; the reader gives <see cref="Regular"/>, or <see cref="Directory"/> where the name ends in '/'.</summary>
    public const byte OldRegular = 0;
    public const byte HardLink = (byte)'1';
    public const byte SymbolicLink = (byte)'2';
    public const byte CharacterDevice = (byte)'3';
    public const byte BlockDevice = (byte)'4';
    public const byte Directory = (byte)'5';
    public const byte Fifo = (byte)'6';
    public const byte Contiguous = (byte)'7';
    public const byte PaxGlobal = (byte)'g';
    public const byte PaxLocal = (byte)'x';
    public const byte GnuSparse = (byte)'S';
    public const byte GnuLongName = (byte)'L';
    public const byte GnuLongLink = (byte)'K';

    /// <summary>A directory in an incremental dump; its content is a list of what was in it.</summary>
    public const byte GnuDumpDirectory = (byte)'D';
    public const byte GnuVolumeLabel = (byte)'V';

    /// <summary>Types whose header is followed by no content, whatever its size field says.</summary>
    internal static bool IsHeaderOnly(byte type) => type is >= HardLink and <= Fifo;
}

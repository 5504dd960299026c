using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>An open parent directory and a name in it: what every *at call on the last component takes.</summary>
internal readonly ref struct Location(SafeFileHandle parent, bool ownsParent, ReadOnlySpan<byte> name)
{
    /// <summary>NAME_MAX and the NUL byte.</summary>
    internal const int NameSize = 256;

    internal SafeFileHandle Parent { get; } = parent;

    /// <summary>Ends in a NUL byte; "." for the root and for paths that end in a dot or two.</summary>
    internal ReadOnlySpan<byte> Name { get; } = name;

    public void Dispose()
    {
        if (ownsParent)
        {
            Parent.Dispose();
        }
    }
}

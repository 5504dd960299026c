using Microsoft.Win32.SafeHandles;

namespace Strata.Runtime;

/// <summary>What a foreground container is connected to. Not closed by who gets it.</summary>
public sealed record ContainerStreams(SafeFileHandle Input, SafeFileHandle Output, SafeFileHandle Error)
{
    /// <summary>This process's own.</summary>
    public static ContainerStreams Standard => new(Borrow(0), Borrow(1), Borrow(2));

    private static SafeFileHandle Borrow(int descriptor) => new(descriptor, ownsHandle: false);
}

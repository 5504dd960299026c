using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>Makes the exception for the call that has just failed on this thread.</summary>
internal static class Failure
{
    /// <summary>errno of the last call made through a generated stub.</summary>
    internal static int Number => Marshal.GetLastPInvokeError();

    internal static LinuxException Of(string operation) => new(Number, operation);

    internal static LinuxException Of(string operation, string? path) => new(Number, operation, path);

    internal static LinuxException Of(string operation, ReadOnlySpan<byte> path) => new(Number, operation, NativePath.Display(path));
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>
/// The generated stubs read errno through the runtime after the call. The very first such read may itself run
/// runtime code that changes errno, so it happens here, before any call whose errno matters.
/// </summary>
internal static class ErrnoWarmUp
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The first errno of the process would be wrong otherwise.")]
    internal static void Run()
    {
        Marshal.SetLastSystemError(0);
        Marshal.SetLastPInvokeError(Marshal.GetLastSystemError());
        _ = Marshal.GetLastPInvokeError();
    }
}

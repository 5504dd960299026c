using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

public static class Pipes
{
    /// <summary>Neither end goes to a child unless <see cref="ProcessStart.Descriptors"/> names it.</summary>
    public static (SafeFileHandle Read, SafeFileHandle Write) Create()
    {
        Span<int> ends = stackalloc int[2];
        if (ProcessCalls.pipe2(ends, ProcessCalls.O_CLOEXEC) < 0)
        {
            throw Failure.Of("pipe2");
        }

        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }
}

using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>Waiting until a descriptor has something to read or its other end is gone: a pipe, a terminal, a process.</summary>
public static class Readiness
{
    private const int WaiterStack = 128 * 1024;

    public static bool IsReadable(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        var held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return Poll([Reading((int)handle.DangerousGetHandle())], 0);
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>Costs a thread while it waits.</summary>
    public static Task ReadableAsync(SafeFileHandle handle, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handle);
        cancellationToken.ThrowIfCancellationRequested();
        var held = false;
        handle.DangerousAddRef(ref held);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiter = new Thread(
            () =>
            {
                try
                {
                    Wait((int)handle.DangerousGetHandle(), cancellationToken);
                    done.SetResult();
                }
                catch (OperationCanceledException)
                {
                    done.SetCanceled(cancellationToken);
                }
                catch (LinuxException failure)
                {
                    done.SetException(failure);
                }
                finally
                {
                    handle.DangerousRelease();
                }
            },
            WaiterStack);
        waiter.IsBackground = true;
        waiter.Start();
        return done.Task;
    }

    /// <summary>Blocks until one of them has something to read or its other end is gone; its number, the first of several.</summary>
    public static int WaitForFirst(params ReadOnlySpan<SafeFileHandle> handles)
    {
        var descriptors = new ProcessCalls.PollDescriptor[handles.Length];
        for (var i = 0; i < handles.Length; i++)
        {
            descriptors[i] = Reading((int)handles[i].DangerousGetHandle());
        }

        while (!Poll(descriptors, -1))
        {
        }

        return Array.FindIndex(descriptors, descriptor => descriptor.Returned != 0);
    }

    /// <summary>Blocks until the descriptor can be read or written without waiting.</summary>
    internal static void WaitFor(SafeFileHandle handle, bool forWriting)
    {
        var descriptor = (int)handle.DangerousGetHandle();
        var events = forWriting ? ProcessCalls.POLLOUT : ProcessCalls.POLLIN;
        while (!Poll([new() { Descriptor = descriptor, Events = events }], -1))
        {
        }
    }

    private static void Wait(int descriptor, CancellationToken cancellationToken)
    {
        // An eventfd wakes the poll when the wait is cancelled.
        var wakeup = ProcessCalls.eventfd(0, ProcessCalls.O_CLOEXEC);
        if (wakeup < 0)
        {
            throw Failure.Of("eventfd");
        }

        using var woken = new SafeFileHandle(wakeup, ownsHandle: true);
        using var registration = cancellationToken.Register(() => _ = FileCalls.write(woken, [1, 0, 0, 0, 0, 0, 0, 0], 8));
        Span<ProcessCalls.PollDescriptor> descriptors = [Reading(descriptor), Reading(wakeup)];
        while (!Poll(descriptors, -1))
        {
        }
        if (descriptors[0].Returned == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static ProcessCalls.PollDescriptor Reading(int descriptor) => new() { Descriptor = descriptor, Events = ProcessCalls.POLLIN };

    private static bool Poll(Span<ProcessCalls.PollDescriptor> descriptors, int milliseconds)
    {
        var ready = ProcessCalls.poll(descriptors, (ulong)descriptors.Length, milliseconds);
        if (ready >= 0)
        {
            return ready > 0;
        }

        return Failure.Number == Errno.EINTR ? false : throw Failure.Of("poll");
    }
}

using System.Collections;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>One call of posix_spawn: its actions, attributes and strings.</summary>
internal sealed class SpawnRequest : IDisposable
{
    // posix_spawnattr_t has 336 bytes, posix_spawn_file_actions_t 80, sigset_t 128 in glibc.
    private const int ObjectSize = 512;
    private const int SignalSetSize = 128;

    private readonly byte[] _actions = GC.AllocateArray<byte>(ObjectSize, pinned: true);
    private readonly byte[] _attributes = GC.AllocateArray<byte>(ObjectSize, pinned: true);
    private readonly List<SafeFileHandle> _duplicates = [];

    internal SpawnRequest(ProcessStart start)
    {
        Done(ProcessCalls.posix_spawn_file_actions_init(_actions), start);
        Done(ProcessCalls.posix_spawnattr_init(_attributes), start);
        SetAttributes(start);
        SetActions(start);
    }

    internal unsafe int Spawn(ProcessStart start)
    {
        var arguments = new StringVector(start.Arguments);
        var environment = new StringVector(start.Environment is { } given ? Variables(given) : InheritedVariables());
        fixed (byte* argumentBytes = arguments.Bytes)
        fixed (byte* environmentBytes = environment.Bytes)
        {
            Span<nint> argumentPointers = arguments.Pointers((nint)argumentBytes);
            Span<nint> environmentPointers = environment.Pointers((nint)environmentBytes);
            fixed (nint* argv = argumentPointers)
            fixed (nint* envp = environmentPointers)
            {
                var path = NativePath.Of(start.Path);
                Done(ProcessCalls.posix_spawn(out var pid, path, _actions, _attributes, (byte**)argv, (byte**)envp), start);
                return pid;
            }
        }
    }

    public void Dispose()
    {
        _ = ProcessCalls.posix_spawn_file_actions_destroy(_actions);
        _ = ProcessCalls.posix_spawnattr_destroy(_attributes);
        foreach (var duplicate in _duplicates)
        {
            duplicate.Dispose();
        }
    }

    private void SetAttributes(ProcessStart start)
    {
        // The runtime ignores SIGPIPE and handles others; a child starts with the defaults and nothing blocked.
        Span<byte> signals = stackalloc byte[SignalSetSize];
        signals.Fill(0xFF);
        Done(ProcessCalls.posix_spawnattr_setsigdefault(_attributes, signals), start);
        signals.Clear();
        Done(ProcessCalls.posix_spawnattr_setsigmask(_attributes, signals), start);
        var flags = ProcessCalls.POSIX_SPAWN_SETSIGDEF | ProcessCalls.POSIX_SPAWN_SETSIGMASK;
        if (start.NewSession || start.ControllingTerminal is not null)
        {
            flags |= ProcessCalls.POSIX_SPAWN_SETSID;
        }
        else if (start.NewProcessGroup || start.ForegroundGroup)
        {
            flags |= ProcessCalls.POSIX_SPAWN_SETPGROUP;
        }

        Done(ProcessCalls.posix_spawnattr_setflags(_attributes, (short)flags), start);
    }

    private void SetActions(ProcessStart start)
    {
        var last = 2;
        foreach (var (_, target) in start.Descriptors)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(target);
            last = Math.Max(last, target);
        }
        var given = new bool[last + 1];
        foreach (var (handle, target) in start.Descriptors)
        {
            // Sources above all targets, so that no dup2 overwrites one that is still to be used.
            var source = FileCalls.fcntl(handle, FileCalls.F_DUPFD_CLOEXEC, last + 1);
            if (source < 0)
            {
                throw Failure.Of("fcntl", start.Path);
            }

            _duplicates.Add(new SafeFileHandle(source, ownsHandle: true));
            Done(ProcessCalls.posix_spawn_file_actions_adddup2(_actions, source, target), start);
            given[target] = true;
        }
        // A session's leader gets the first terminal it opens as its controlling terminal.
        if (start.ControllingTerminal is { } terminal)
        {
            OpenTerminal(start, terminal, given, last);
        }

        for (var target = 0; target <= last; target++)
        {
            if (given[target])
            {
                continue;
            }

            if (target <= 2)
            {
                Done(ProcessCalls.posix_spawn_file_actions_addopen(_actions, target, "/dev/null\0"u8, OpenFlags.O_RDWR, 0), start);
            }
            else
            {
                Done(ProcessCalls.posix_spawn_file_actions_addclose(_actions, target), start);
            }
        }
        Done(ProcessCalls.posix_spawn_file_actions_addclosefrom_np(_actions, last + 1), start);
        if (start.ForegroundGroup)
        {
            Done(ProcessCalls.posix_spawn_file_actions_addtcsetpgrp_np(_actions, 0), start);
        }

        if (start.WorkingDirectory is { } directory)
        {
            Done(ProcessCalls.posix_spawn_file_actions_addchdir_np(_actions, NativePath.Of(directory)), start);
        }
    }

    private void OpenTerminal(ProcessStart start, string terminal, bool[] given, int last)
    {
        var opened = last + 1;
        Done(ProcessCalls.posix_spawn_file_actions_addopen(_actions, opened, NativePath.Of(terminal), OpenFlags.O_RDWR, 0), start);
        for (var target = 0; target <= 2; target++)
        {
            if (given[target])
            {
                continue;
            }

            Done(ProcessCalls.posix_spawn_file_actions_adddup2(_actions, opened, target), start);
            given[target] = true;
        }
    }

    private static List<string> Variables(IReadOnlyDictionary<string, string> given)
    {
        var variables = new List<string>(given.Count);
        foreach (var (name, value) in given)
        {
            variables.Add($"{name}={value}");
        }

        return variables;
    }

    private static List<string> InheritedVariables()
    {
        var variables = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables.Add($"{variable.Key}={variable.Value}");
        }

        return variables;
    }

    private static void Done(int error, ProcessStart start)
    {
        if (error != 0)
        {
            throw new LinuxException(error, "start", start.Path);
        }
    }

    /// <summary>Strings as C's argv: one run of bytes and the offsets in it.</summary>
    private sealed class StringVector
    {
        private readonly List<int> _offsets = [];

        internal StringVector(IReadOnlyList<string> strings)
        {
            var bytes = new List<byte>();
            foreach (var text in strings)
            {
                _offsets.Add(bytes.Count);
                bytes.AddRange(NativePath.Of(text));
            }
            // Never empty, so that it has an address.
            bytes.Add(0);
            Bytes = [.. bytes];
        }

        internal byte[] Bytes { get; }

        internal nint[] Pointers(nint start)
        {
            var pointers = new nint[_offsets.Count + 1];
            for (var i = 0; i < _offsets.Count; i++)
            {
                pointers[i] = start + _offsets[i];
            }

            return pointers;
        }
    }
}

using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>A call to the system that failed: "mkdirat app/x: Permission denied (EACCES)".</summary>
public sealed class LinuxException : IOException
{
    private readonly string? _detail;

    /// <param name="errno">The system's error number, see <see cref="Linux.Errno"/>.</param>
    /// <param name="operation">The call or the action that failed.</param>
    /// <param name="path">What it was done to, if anything.</param>
    /// <param name="detail">What the number does not tell: added to the message.</param>
    public LinuxException(int errno, string operation, string? path = null, string? detail = null)
        : base(Text(errno, operation, path, detail))
    {
        Errno = errno;
        Operation = operation;
        Path = path;
        _detail = detail;
    }

    /// <summary>What the framework tells of a file without its name.</summary>
    public static LinuxException Of(IOException problem, string operation, string path) =>
        problem as LinuxException ?? new LinuxException(problem.HResult & 0xffff, operation, path);

    /// <summary>The same of a removal that was asked by path: its calls know only the names in directories that are open.</summary>
    internal LinuxException Removing(string tree) => Path == System.IO.Path.GetFileName(tree)
        ? new LinuxException(Errno, Operation, tree, _detail)
        : new LinuxException(Errno, Operation, Path, _detail is null ? $"below {tree}" : $"{_detail} (below {tree})");

    public int Errno { get; }
    public string Operation { get; }
    public string? Path { get; }

    private static string Text(int errno, string operation, string? path, string? detail)
    {
        var subject = path is null ? operation : $"{operation} {path}";
        var text = $"{subject}: {Marshal.GetPInvokeErrorMessage(errno)} ({Linux.Errno.Name(errno)})";
        return detail is null ? text : $"{text}: {detail}";
    }
}

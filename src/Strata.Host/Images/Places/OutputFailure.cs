using System.Globalization;
using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>Why a file or folder that a person named could not be written, in their words: they know nothing of the private name it had.</summary>
internal static class OutputFailure
{
    public static StrataException Of(string destination, Exception problem) =>
        Tell(destination, problem, Left, "nothing half-written is kept, and what was there before is as it was");

    /// <summary>Of what is written as it goes.</summary>
    public static StrataException OfStream(string destination, Exception problem) =>
        Tell(destination, problem, static _ => "", "what has been written so far is not whole");

    private static StrataException Tell(string destination, Exception problem, Func<string, string> left, string kept)
    {
        var (why, what) = ((problem as LinuxException)?.Errno ?? problem.HResult & 0xffff) switch
        {
            // First: the framework's number for it is no number of the system.
            _ when problem is UnauthorizedAccessException => ("this user may not write there", "name another place, or run strata as a user who may"),
            Errno.ENOSPC => ($"its disk is full{left(destination)}", $"free some space there, or name another place; {kept}"),
            Errno.EDQUOT => ("this user's share of its disk is used up", $"free some space there, or name another place; {kept}"),
            Errno.EFBIG => ("a file may not be so large there", $"name another place; {kept}"),
            Errno.EIO => ("its disk reports an error", $"{kept}; look at the machine's log (dmesg) before you try again"),
            Errno.EROFS => ("its file system is mounted read-only", "mount it for writing, or name another place"),
            Errno.EACCES or Errno.EPERM => ("this user may not write there", "name another place, or run strata as a user who may"),
            _ => (problem.Message, $"name another place, or try again; {kept}"),
        };
        return new StrataException($"{destination} could not be written: {why}", what, problem);
    }

    private static string Left(string destination)
    {
        try
        {
            return string.Create(CultureInfo.InvariantCulture, $" ({HostFile.FreeBytes(Path.GetDirectoryName(destination) ?? "/") / 1000} kB are left)");
        }
        catch (LinuxException)
        {
            return "";
        }
    }
}

using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// The names of what is not finished: ".tmp-pid-random". Its maker locks it before anything is put into it, so that what is not empty and
/// not locked is known to be left over.
/// </summary>
public static class PrivateName
{
    public const string Prefix = ".tmp-";
    private const int RandomLength = 16;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    // The framework would skip names that begin with a dot.
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, MatchType = MatchType.Simple };

    /// <summary>
    /// Removes what was left in <paramref name="directory"/> by processes that were killed at work. What can't be removed stays: it is not
    /// what the caller came for.
    /// </summary>
    public static void RemoveLeftovers(string directory)
    {
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(directory, Prefix + "*", Everything).Where(path => IsPrivate(Path.GetFileName(path))))
            {
                RemoveIfLeft(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The directory can't be listed.
        }
    }

    private static void RemoveIfLeft(string path)
    {
        try
        {
            if (IsLeft(path))
            {
                HostFile.RemoveTree(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or just gone.
        }
    }

    internal static string New() => string.Create(
        CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(RandomLength, lowercase: true)}");

    /// <summary>For as long as the handle, or a copy of it, is open. Shared: the framework locks what it reads, and a name comes before the end.</summary>
    internal static void Hold(SafeFileHandle made) => _ = FileCalls.flock(made, FileCalls.LOCK_SH | FileCalls.LOCK_NB);

    private static bool IsPrivate(string name)
    {
        var rest = name.AsSpan(Prefix.Length);
        var dash = rest.IndexOf('-');
        return dash > 0
            && int.TryParse(rest[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && rest.Length == dash + 1 + RandomLength
            && !rest[(dash + 1)..].ContainsAnyExcept(HexDigits);
    }

    private static bool IsLeft(string path)
    {
        using var found = HostFile.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK);
        var status = HostFile.Status(found);
        var isEmpty = status.Kind switch
        {
            FileKind.Regular => status.Size == 0,
            FileKind.Directory => !Directory.EnumerateFileSystemEntries(path, "*", Everything).Any(),
            _ => true,
        };
        return !isEmpty && FileCalls.flock(found, FileCalls.LOCK_EX | FileCalls.LOCK_NB) == 0;
    }
}

using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>That the folder for what a copy has to keep meanwhile has no room: it is another disk than the store's and the target's.</summary>
internal static class TemporaryFailure
{
    /// <summary>Null where <paramref name="problem"/> is of something else than a temporary file in <paramref name="folder"/>.</summary>
    public static StrataException? Of(string folder, LinuxException problem) =>
        problem.Errno is Errno.ENOSPC or Errno.EDQUOT && problem.Path is { } path && IsIn(folder, path)
            ? new StrataException(
                $"the temporary folder {folder} is full",
                "layers are kept there while their form changes, and what comes packed; free some space there, or name a folder with more: TMPDIR=FOLDER strata …",
                problem)
            : null;

    private static bool IsIn(string folder, string path) => path == NamelessFile.Describe(folder)
        || (Path.GetDirectoryName(path) == folder && Path.GetFileName(path).StartsWith(PrivateName.Prefix, StringComparison.Ordinal));
}

namespace Strata.Runtime;

public enum OciRuntimeKind
{
    Runc,
    Crun,
}

/// <summary>The program that makes containers out of bundles: runc or crun, of the distribution.</summary>
public sealed record OciRuntime(string Path, OciRuntimeKind Kind)
{
    /// <summary>The environment variable that names the runtime to use.</summary>
    public const string Variable = "STRATA_RUNTIME";

    // An ordinary user's PATH often lacks the sbin folders, where Debian keeps runc.
    private static readonly string[] UsualFolders = ["/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin", "/bin", "/sbin"];

    // crun starts a container in less than half the time.
    private static readonly string[] Names = ["crun", "runc"];

    /// <param name="chosen">A name or path from an option or <see cref="Variable"/>; null or empty: crun where there is one, else runc.</param>
    /// <param name="searchPath">The value of PATH.</param>
    /// <exception cref="OciRuntimeException">There is none.</exception>
    public static OciRuntime Find(string? chosen, string? searchPath)
    {
        if (string.IsNullOrEmpty(chosen))
        {
            return Names.Select(name => Locate(name, searchPath)).FirstOrDefault(found => found is not null) is { } path
                ? Of(path)
                : throw new OciRuntimeException("neither crun nor runc was found, and running anything needs one of them: apt install crun (or runc)");
        }
        return Locate(chosen, searchPath) is { } located
            ? Of(located)
            : throw new OciRuntimeException($"the container runtime {chosen} was not found: name crun or runc, or the path of one ({Variable}, --runtime)");
    }

    /// <summary>Every runtime that is installed, the preferred one first.</summary>
    public static IReadOnlyList<OciRuntime> FindAll(string? searchPath) =>
        [.. Names.Select(name => Locate(name, searchPath)).OfType<string>().Select(Of)];

    /// <summary>argv to run a bundle; the runtime's current directory is the bundle.</summary>
    internal IReadOnlyList<string> RunArguments(string id, IReadOnlyList<string> options)
    {
        // Whatever a container leaves ends with the pid namespace around it, and nothing is limited: crun need not make a
        // control group. runc cannot do without one (Strata gives it a path of its own, see ControlGroups).
        string[] global = Kind == OciRuntimeKind.Crun ? ["--root", "runtime", "--cgroup-manager=disabled"] : ["--root", "runtime"];
        return [System.IO.Path.GetFileName(Path), .. global, "run", "--bundle", ".", "--pid-file", "pid", .. options, id];
    }

    private static OciRuntime Of(string path) =>
        new(path, System.IO.Path.GetFileName(path).Contains("crun", StringComparison.Ordinal) ? OciRuntimeKind.Crun : OciRuntimeKind.Runc);

    private static string? Locate(string name, string? searchPath)
    {
        if (name.Contains('/'))
        {
            return File.Exists(name) ? System.IO.Path.GetFullPath(name) : null;
        }

        var folders = (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(System.IO.Path.IsPathRooted);
        return folders.Concat(UsualFolders).Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}

using Strata.Linux;

namespace Strata.Runtime.Bundles;

/// <summary>
/// Says before the start, in one way for every runtime, that a program is not there (127) or cannot be executed (126).
/// What it cannot know (a program in a mount) it leaves to the runtime.
/// </summary>
internal static class ExecutableCheck
{
    internal static void Run(RootedDirectory root, MountPoints mountPoints, ContainerSpec container, string cwd)
    {
        var name = container.Arguments.Count > 0 ? container.Arguments[0] : "";
        if (name.Length == 0)
        {
            throw new OciRuntimeException("there is no command to run: the image names none, so give one");
        }

        if (name.Contains('/'))
        {
            Check(name, name.StartsWith('/') ? name : cwd + "/" + name);
            return;
        }
        var denied = false;
        foreach (var folder in SearchPath(container).Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (Look(folder.StartsWith('/') ? $"{folder}/{name}" : $"{cwd}/{folder}/{name}"))
            {
                case Finding.Executable or Finding.Unknown:
                    return;
                case Finding.NotExecutable:
                    denied = true;
                    break;
            }
        }
        throw denied
            ? new OciRuntimeException($"{name} was found in PATH, but it is not executable") { ExitCode = 126 }
            : new OciRuntimeException($"{name}: not found in PATH ({SearchPath(container)})") { ExitCode = 127 };

        void Check(string shown, string path)
        {
            switch (Look(path))
            {
                case Finding.Missing:
                    throw new OciRuntimeException($"{shown}: there is no such file") { ExitCode = 127 };
                case Finding.NotExecutable:
                    throw new OciRuntimeException($"{shown}: it is not an executable file (permission denied)") { ExitCode = 126 };
            }
        }

        Finding Look(string path)
        {
            RootPath place;
            try
            {
                place = RootPath.Resolve(root, path);
            }
            catch (OciRuntimeException)
            {
                return Finding.Missing;
            }
            if (mountPoints.IsCovered(place.Path))
            {
                return Finding.Unknown;
            }

            return place.Status switch
            {
                null => Finding.Missing,
                { Kind: FileKind.Regular, Mode: var mode } when (mode & 0x49) != 0 => Finding.Executable, // 0111
                _ => Finding.NotExecutable,
            };
        }
    }

    private static string SearchPath(ContainerSpec container) =>
        container.Environment.FirstOrDefault(variable => variable.StartsWith("PATH=", StringComparison.Ordinal))?["PATH=".Length..]
        ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private enum Finding
    {
        Missing,
        NotExecutable,
        Executable,
        Unknown,
    }
}

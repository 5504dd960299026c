namespace Strata.Host.Running;

/// <summary>Docker's <c>--env-file</c>: a variable in each line, its value as it stands there, quotes and all.</summary>
internal static class EnvironmentFile
{
    /// <summary><c>NAME=value</c> and <c>NAME</c>, in the file's order.</summary>
    public static IReadOnlyList<string> Read(string path, HostEnvironment environment)
    {
        var full = Path.GetFullPath(path, environment.WorkingDirectory);
        if (!File.Exists(full))
        {
            throw new StrataException($"there is no file {full} to take variables from", "--env-file takes a file with a NAME=value in each line");
        }
        var variables = new List<string>();
        var number = 0;
        foreach (var text in File.ReadLines(full))
        {
            number++;
            var line = text.TrimStart();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? line : line[..equals]).TrimEnd();
            if (name.Length == 0 || name.Any(char.IsWhiteSpace))
            {
                throw new StrataException($"{full}:{number}: '{line}' is no variable", "each line is NAME=value, or NAME to hand on this shell's value, or # and a comment");
            }
            variables.Add(equals < 0 ? name : name + line[equals..]);
        }
        return variables;
    }
}

using Strata.Runtime;

namespace Strata.Host.Running;

/// <summary>Reads <c>-v host:container[:ro|rw]</c>.</summary>
internal static class VolumeSpec
{
    public static ContainerMount Parse(string text, HostEnvironment environment)
    {
        var parts = text.Split(':');
        if (parts is [['/', ..] only])
        {
            throw new StrataException($"'{text}' asks for a volume without a name, which this version does not have", $"what is written to {only} stays in the container; to keep it, give a folder of this machine: -v HOST-PATH:{only}");
        }
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || !parts[1].StartsWith('/') || parts is [_, _, not ("ro" or "rw")])
        {
            throw new StrataException($"'{text}' is no volume", "-v takes HOST-PATH:CONTAINER-PATH, and :ro behind it for reading only");
        }
        if (!parts[0].StartsWith('/') && !parts[0].StartsWith('.'))
        {
            throw new StrataException($"'{text}' asks for a named volume, which this version does not have", $"give a folder of this machine: -v $PWD/{parts[0]}:{parts[1]}");
        }
        var source = Path.GetFullPath(parts[0], environment.WorkingDirectory);
        if (!File.Exists(source) && !Directory.Exists(source))
        {
            throw new StrataException($"there is no {source} to show at {parts[1]}", "make it first: a mistyped path should not become an empty folder");
        }
        return new BindMount { Target = parts[1], Source = source, ReadOnly = parts is [_, _, "ro"] };
    }
}

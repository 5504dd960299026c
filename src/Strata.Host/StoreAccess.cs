using Strata.Store;

namespace Strata.Host;

/// <summary>Opens the store that the settings name, or says that there is none.</summary>
internal static class StoreAccess
{
    private const int MostNeighbours = 200;

    /// <exception cref="StrataException">A folder was named that is not there, and nothing is to be made.</exception>
    public static LocalStore Open(HostSettings settings, HostEnvironment environment)
    {
        if (settings is { OnlyLooks: true, RootIsGiven: true } && !Path.Exists(settings.Root))
        {
            throw new StrataException(
                $"there is no store at {settings.Root}",
                NearMiss(settings.Root) is { } near ? $"did you mean {near}?" : "build, pull and import make one; without --root and STRATA_ROOT it is the usual store");
        }
        return LocalStore.Open(new StoreOptions
        {
            Root = settings.Root,
            Make = !settings.OnlyLooks,
            Clock = environment.Time,
            Who = environment.Variable("SUDO_USER") ?? environment.Variable("USER") ?? "",
            Privileged = environment.IsRoot,
        });
    }

    /// <summary>A store in the same folder, called nearly so.</summary>
    private static string? NearMiss(string root)
    {
        var above = Path.GetDirectoryName(root);
        try
        {
            return above is not null && Directory.Exists(above)
                && NearestWord.To(Path.GetFileName(root), Directory.EnumerateDirectories(above).Take(MostNeighbours).Where(LocalStore.IsAt).Select(path => Path.GetFileName(path))) is { } name
                ? Path.Combine(above, name)
                : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}

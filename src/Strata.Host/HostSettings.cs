namespace Strata.Host;

/// <summary>Where things are, decided once: option, else variable, else the usual place.</summary>
public sealed record HostSettings
{
    /// <summary>The store's folder, absolute.</summary>
    public required string Root { get; init; }

    /// <summary>Path or name of the OCI runtime that was asked for; null: whichever is found.</summary>
    public string? Runtime { get; init; }

    /// <summary>Somebody named the folder, and means one that is there.</summary>
    public bool RootIsGiven { get; init; }

    /// <summary>What is to be done finds a store or nothing; it does not make one.</summary>
    public bool OnlyLooks { get; init; }

    public static HostSettings Read(HostEnvironment environment, string? root)
    {
        var given = Given(root) ?? NonEmpty(environment.Variable("STRATA_ROOT"));
        return new HostSettings
        {
            Root = Path.GetFullPath(given ?? DefaultRoot(environment), environment.WorkingDirectory),
            RootIsGiven = given is not null,
            Runtime = NonEmpty(environment.Variable("STRATA_RUNTIME")),
        };
    }

    private static string DefaultRoot(HostEnvironment environment)
    {
        if (environment.IsRoot)
        {
            return "/var/lib/strata";
        }
        // https://specifications.freedesktop.org/basedir-spec/latest/: a path that is not absolute is to be passed over.
        var data = environment.Variable("XDG_DATA_HOME") is { } given && given.StartsWith('/')
            ? given
            : Path.Combine(NonEmpty(environment.Variable("HOME"))
                ?? throw new StrataException("neither HOME nor XDG_DATA_HOME is set, so there is no place for the store", "give one with --root"), ".local/share");
        return Path.Combine(data, "strata");
    }

    // An empty variable is as good as none; an empty option is a script's variable that was never set.
    private static string? Given(string? root) => root is "" ? throw new StrataException("--root names no folder", "give the folder of the store, or leave --root out") : root;

    private static string? NonEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}

namespace Strata.Host;

/// <summary>The process's surroundings, handed in once so that nothing below asks for them again.</summary>
public sealed record HostEnvironment
{
    private const string Lasting = "/var/tmp";

    public required Func<string, string?> Variable { get; init; }
    public required string WorkingDirectory { get; init; }
    public required bool IsRoot { get; init; }
    public required TimeProvider Time { get; init; }

    /// <summary>The running executable, to be started again as a container's monitor or a step's init.</summary>
    public required string Executable { get; init; }

    /// <summary>For large files that end with the process: TMPDIR, else /var/tmp, since /tmp is memory on many machines.</summary>
    public string TemporaryFolder => Variable("TMPDIR") is { Length: > 0 } given ? Path.GetFullPath(given, WorkingDirectory)
        : Directory.Exists(Lasting) ? Lasting
        : "/tmp";
}

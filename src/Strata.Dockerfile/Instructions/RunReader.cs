namespace Strata.Dockerfile;

internal sealed class RunReader(char escape, ErrorList errors)
{
    public RunInstruction? Read(Statement statement)
    {
        FlagSet? flags = FlagSet.Read(statement, errors, "mount*", "network", "security", "device*");
        if (flags is null)
        {
            return null;
        }

        CommandLine command = statement.Arguments.ToCommandLine();
        if (command is CommandLine.Shell { Text: "" } or CommandLine.Exec { Arguments.IsEmpty: true })
        {
            errors.Add(statement.Range, "RUN requires a command", "write RUN command or RUN [\"program\", \"argument\"]");
        }

        return new RunInstruction
        {
            Source = statement.Source,
            CommandLine = command,
            Heredocs = statement.Heredocs,
            Mounts = [.. flags.All("mount").Select(text => Mount(statement, text)).OfType<MountFlag>()],
            Network = Network(statement, flags.Value("network")),
            Security = Security(statement, flags.Value("security")),
            Devices = flags.All("device"),
        };
    }

    private MountFlag? Mount(Statement statement, string text)
    {
        if (MountFlag.Read(text, statement.Range, escape, errors) is not { } flag)
        {
            return null;
        }

        // Values with variables are judged when they are known.
        if (!text.Contains('$', StringComparison.Ordinal) && !flag.TryResolve(_ => null, out _, out DockerfileError? problem))
        {
            errors.Add(problem.Range, problem.Message, problem.Hint);
            return null;
        }

        return flag;
    }

    private NetworkMode? Network(Statement statement, string? value)
    {
        switch (value)
        {
            case null:
                return null;
            case "default":
                return NetworkMode.Default;
            case "none":
                return NetworkMode.None;
            case "host":
                return NetworkMode.Host;
            default:
                errors.Add(statement.Range, $"invalid network mode: {GoQuote.Quote(value)}", "use default, none or host");
                return null;
        }
    }

    private SecurityMode Security(Statement statement, string? value)
    {
        switch (value)
        {
            case null or "sandbox":
                return SecurityMode.Sandbox;
            case "insecure":
                return SecurityMode.Insecure;
            default:
                errors.Add(statement.Range, $"invalid security mode: {GoQuote.Quote(value)}", "use sandbox or insecure");
                return SecurityMode.Sandbox;
        }
    }
}

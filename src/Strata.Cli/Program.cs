using Strata.Cli;
using Strata.Cli.Rendering;
using Strata.Host;
using Strata.Host.Images.Places;
using Strata.Linux;

// A monitor or a step's init is this executable started again; it has nothing of a command line about it.
if (ReExecution.TryRun(args) is { } inner)
{
    return await inner;
}

var environment = new HostEnvironment
{
    Variable = Environment.GetEnvironmentVariable,
    WorkingDirectory = Environment.CurrentDirectory,
    IsRoot = Credentials.EffectiveUserId == 0,
    Time = TimeProvider.System,
    Executable = Environment.ProcessPath ?? "/proc/self/exe",
};
var session = new CliSession(
    new Output(1, OutputStream.Standard, environment.Variable),
    new Output(2, StandardStreams.Error, environment.Variable),
    environment);
return await StrataCommand.RunAsync(session, args);

using System.Collections.Immutable;
using Strata.Dockerfile;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Plans one stage, instruction by instruction: variables, config, history, and a vertex for each step.</summary>
internal sealed class StagePlanner(
    PlanContext plan, GlobalArgs args, StageState state, StepLabels labels, Func<FileInstruction, string?, Task<Vertex>> findSource)
{
    public async Task AddAsync(Instruction instruction)
    {
        labels.Begin(instruction);
        switch (instruction)
        {
            case RunInstruction run:
                new RunPlanner(plan, args, state).Add(run, labels.Label(run, state.Clamp));
                break;
            case FileInstruction files:
                await new FilePlanner(plan, state, findSource).AddAsync(files, labels.Label(files, state.Clamp));
                break;
            case WorkdirInstruction workdir:
                AddWorkdir(workdir);
                break;
            case ArgInstruction arg:
                AddArgs(arg);
                break;
            case EnvInstruction env:
                AddEnv(env);
                break;
            default:
                AddConfig(instruction);
                break;
        }
    }

    private void AddWorkdir(WorkdirInstruction instruction)
    {
        var written = Expand(instruction, instruction.Path);
        var path = ImagePath.Parse(written.StartsWith('/') ? written : $"{state.WorkingDirectory}/{written}");
        state.Config = state.Config with { WorkingDir = path.ToString() };
        Vertex? vertex = null;
        if (!path.IsRoot)
        {
            vertex = plan.Graph.Add(new MakeDirectoryOp(path, state.Config.User ?? ""), [state.Top], labels.Label(instruction, state.Clamp));
            state.Top = vertex;
        }
        Record($"WORKDIR {path}", vertex);
    }

    private void AddArgs(ArgInstruction instruction)
    {
        var declared = new List<string>();
        foreach (var arg in instruction.Declarations)
        {
            var written = arg.Default is null ? null : Expand(instruction, arg.Default);
            var value = args.Given(arg.Name) ?? written ?? args.Find(arg.Name);
            if (value is not null)
            {
                state.Variables.Set(arg.Name, value);
            }
            state.Args.Add((arg.Name, value));
            declared.Add(value is null ? arg.Name : $"{arg.Name}={value}");
        }
        Record($"ARG {string.Join(' ', declared)}");
    }

    private void AddEnv(EnvInstruction instruction)
    {
        // All values see the variables as they were before the instruction.
        var pairs = ExpandPairs(instruction, instruction.Variables);
        foreach (var (name, value) in pairs)
        {
            state.Variables.Set(name, value);
            state.Config = state.Config with { Env = ConfigEdits.WithVariable(state.Config.Env, name, value) };
        }
        Record(CreatedBy.Pairs("ENV", pairs));
    }

    /// <summary>What only changes the config.</summary>
    private void AddConfig(Instruction instruction)
    {
        var config = state.Config;
        switch (instruction)
        {
            case LabelInstruction label:
                var pairs = ExpandPairs(label, label.Labels);
                Change(config with { Labels = ConfigEdits.WithLabels(config.Labels, pairs) }, CreatedBy.Pairs("LABEL", pairs));
                break;
            case CmdInstruction cmd:
                var command = Command(cmd.CommandLine);
                state.HasOwnCmd = true;
                Change(config with { Cmd = command, ArgsEscaped = true }, CreatedBy.Command("CMD", command));
                break;
            case EntrypointInstruction entrypoint:
                var program = Command(entrypoint.CommandLine);
                // An inherited CMD was meant for the base's entrypoint.
                Change(config with { Entrypoint = program, Cmd = state.HasOwnCmd ? config.Cmd : null }, CreatedBy.Command("ENTRYPOINT", program));
                break;
            case ShellInstruction shell:
                Change(config with { Shell = shell.Shell }, CreatedBy.List("SHELL", shell.Shell));
                break;
            case ExposeInstruction expose:
                var ports = Ports(expose);
                Change(config with { ExposedPorts = ConfigEdits.WithKeys(config.ExposedPorts, ports) }, CreatedBy.List("EXPOSE", ports));
                break;
            case VolumeInstruction volume:
                var paths = Volumes(volume);
                Change(config with { Volumes = ConfigEdits.WithKeys(config.Volumes, paths) }, CreatedBy.List("VOLUME", paths));
                break;
            case UserInstruction user:
                var name = Expand(user, user.User);
                Change(config with { User = name }, $"USER {name}");
                break;
            case StopSignalInstruction stop:
                var signal = Expand(stop, stop.Signal);
                if (!SignalName.TryParse(signal, out _))
                {
                    plan.Refuse(stop, $"invalid signal: {signal}; write a name such as SIGTERM, or a number from 1 to 64");
                }
                Change(config with { StopSignal = signal }, $"STOPSIGNAL {signal}");
                break;
            case HealthCheckInstruction health:
                var check = Check(health);
                Change(config with { Healthcheck = check }, CreatedBy.HealthCheck(check));
                break;
            case MaintainerInstruction maintainer:
                state.Author = maintainer.Maintainer;
                Record($"MAINTAINER {maintainer.Maintainer}");
                break;
            case OnBuildInstruction trigger:
                // No entry in the history: it says nothing of this image.
                state.Config = config with { OnBuild = [.. config.OnBuild ?? [], trigger.Expression] };
                break;
            default:
                plan.Refuse(instruction, $"{instruction.Source.Keyword.ToUpperInvariant()} can't be built yet");
                break;
        }
    }

    private ImmutableArray<string> Ports(ExposeInstruction instruction)
    {
        var ports = ImmutableArray.CreateBuilder<string>();
        foreach (var written in instruction.Ports.Order(StringComparer.Ordinal))
        {
            foreach (var word in plan.ExpandWords(instruction, written, state.Variables.Find).Words)
            {
                if (!ExposedPorts.TryParse(word, out var some, out var problem))
                {
                    plan.Refuse(instruction, problem ?? $"\"{word}\" is no port");
                }
                ports.AddRange(some);
            }
        }
        return ports.ToImmutable();
    }

    private ImmutableArray<string> Volumes(VolumeInstruction instruction)
    {
        ImmutableArray<string> paths = [.. instruction.Paths.Select(path => Expand(instruction, path).Trim())];
        if (paths.Contains(""))
        {
            plan.Refuse(instruction, "VOLUME specified can not be an empty string");
        }
        return paths;
    }

    private static HealthCheck Check(HealthCheckInstruction instruction) => new()
    {
        Test = instruction.Test switch
        {
            null => ["NONE"],
            CommandLine.Shell shell => ["CMD-SHELL", shell.Text],
            CommandLine.Exec exec => ["CMD", .. exec.Arguments],
            _ => throw new InvalidOperationException("A command of an unknown form."),
        },
        Interval = Nanoseconds(instruction.Interval),
        Timeout = Nanoseconds(instruction.Timeout),
        StartPeriod = Nanoseconds(instruction.StartPeriod),
        StartInterval = Nanoseconds(instruction.StartInterval),
        Retries = instruction.Retries == 0 ? null : instruction.Retries,
    };

    private static long? Nanoseconds(TimeSpan time) => time == TimeSpan.Zero ? null : time.Ticks * TimeSpan.NanosecondsPerTick;

    private ImmutableArray<string> Command(CommandLine line) => line switch
    {
        CommandLine.Exec exec => exec.Arguments,
        CommandLine.Shell shell => [.. state.Shell, shell.Text],
        _ => throw new InvalidOperationException("A command of an unknown form."),
    };

    private List<KeyValuePair<string, string>> ExpandPairs(Instruction instruction, ImmutableArray<KeyValue> pairs)
    {
        var expanded = new List<KeyValuePair<string, string>>(pairs.Length);
        foreach (var pair in pairs)
        {
            var name = Expand(instruction, pair.Key);
            if (name.Length == 0)
            {
                plan.Refuse(instruction, $"{instruction.Source.Keyword.ToUpperInvariant()} names can not be blank");
            }
            expanded.Add(new(name, Expand(instruction, pair.Value)));
        }
        return expanded;
    }

    private string Expand(Instruction instruction, string word) => plan.Expand(instruction, word, state.Variables.Find);

    private void Change(ContainerConfig config, string createdBy)
    {
        state.Config = config;
        Record(createdBy);
    }

    private void Record(string createdBy, Vertex? vertex = null) => state.History.Add(new PlannedHistory(createdBy, vertex, state.Author));
}

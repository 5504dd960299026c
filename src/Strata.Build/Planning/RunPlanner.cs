using System.Collections.Immutable;
using System.Text;
using Strata.Dockerfile;

namespace Strata.Build;

/// <summary>Plans a RUN.</summary>
internal sealed class RunPlanner(PlanContext plan, GlobalArgs args, StageState state)
{
    private const string ScriptFolder = "/dev/pipes";
    private const string DefaultHostName = "buildkitsandbox";
    private const uint Executable = 0x1ED;

    public void Add(RunInstruction instruction, VertexLabel label)
    {
        RefuseWhatCannotBeDone(instruction);
        var (arguments, files) = Command(instruction.Form);
        if (arguments.IsEmpty || arguments[0].Length == 0)
        {
            plan.Refuse(instruction, "RUN has no command; an exec form needs at least a program");
        }
        var declared = state.Args.Select(arg => arg.Name).ToHashSet(StringComparer.Ordinal);
        var op = new RunOp
        {
            Arguments = arguments,
            Environment = [.. state.Variables.All],
            Proxies = [.. args.Proxies.Where(proxy => !declared.Contains(proxy.Key) && state.Variables.Find(proxy.Key) is null)],
            WorkingDirectory = state.WorkingDirectory,
            User = state.Config.User ?? "",
            Network = NetworkOf(instruction),
            HostName = args.Given("BUILDKIT_SANDBOX_HOSTNAME") ?? DefaultHostName,
            ExtraHosts = plan.Request.ExtraHosts,
            Files = files,
        };
        state.Top = plan.Graph.Add(op, [state.Top], label);
        state.History.Add(new PlannedHistory(CreatedBy.Run(state, arguments), state.Top, state.Author));
    }

    private void RefuseWhatCannotBeDone(RunInstruction instruction)
    {
        if (instruction.Mounts is [var mount, ..])
        {
            plan.Refuse(instruction, Refusal(mount));
        }
        if (instruction.Security != SecurityMode.Sandbox)
        {
            plan.Refuse(instruction, "RUN --security=insecure can't be built yet; take the flag out");
        }
        if (!instruction.Devices.IsEmpty)
        {
            plan.Refuse(instruction, "RUN --device can't be built yet; take the flag out");
        }
    }

    private string Refusal(MountFlag flag)
    {
        if (!flag.TryResolve(state.Variables.Find, out var mount, out var problem))
        {
            return problem.Message;
        }
        return mount switch
        {
            CacheMount => "RUN --mount=type=cache can't be built yet; take it out: the step then begins without the cache",
            BindMount => "RUN --mount=type=bind can't be built yet; COPY the files, in a stage of their own if the image is not to have them",
            TmpfsMount => "RUN --mount=type=tmpfs can't be built yet; take it out, and remove what the step leaves there",
            // A secret that is copied stays in the layer, whatever a later step removes.
            _ => "RUN --mount=type=secret and type=ssh can't be built yet; fetch what needs them before the build",
        };
    }

    private (ImmutableArray<string> Arguments, ImmutableArray<StepFile> Files) Command(RunForm form) => form switch
    {
        RunForm.Exec exec => (exec.Arguments, []),
        RunForm.Shell shell => ([.. state.Shell, shell.Text], []),
        RunForm.Script script => (
            [.. state.Shell, $"{ScriptFolder}/{script.Name}"],
            [new StepFile($"{ScriptFolder}/{script.Name}", Executable, Encoding.UTF8.GetBytes(script.Content))]),
        _ => throw new InvalidOperationException("A RUN of an unknown form."),
    };

    private StepNetwork NetworkOf(RunInstruction instruction) => instruction.Network switch
    {
        NetworkMode.None => StepNetwork.None,
        NetworkMode.Host => StepNetwork.Host,
        // --network=default asks for the build's own, like no flag at all.
        _ => plan.Request.Network,
    };
}

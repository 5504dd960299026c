using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Strata.Dockerfile;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// Turns a Dockerfile into a graph: from the target stage backwards, so that a stage nobody needs is never looked at and its
/// image never asked for.
/// </summary>
internal sealed class DockerfilePlanner
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private readonly PlanContext _plan;
    private readonly ImageResolver _images;
    private readonly ContextFinder _contexts;
    private readonly SourceFinder _sources;
    private readonly GlobalArgs _args;
    private readonly Dictionary<int, StageState> _stages = [];
    private readonly HashSet<int> _underway = [];

    public DockerfilePlanner(PlanContext plan, ImageResolver images, ContextFinder contexts)
    {
        _plan = plan;
        _images = images;
        _contexts = contexts;
        _sources = new SourceFinder(plan);
        _args = new GlobalArgs(plan);
    }

    private ImmutableArray<Stage> Stages => _plan.Dockerfile.Stages;

    public async Task<BuildPlan> PlanAsync()
    {
        var target = FindTarget();
        Prefetch(target.Index, []);
        var stage = await PlanStageAsync(target.Index, target.From);
        var config = stage.Config;
        if (_plan.Request.Labels.Count > 0)
        {
            config = config with { Labels = ConfigEdits.WithLabels(config.Labels, _plan.Request.Labels) };
        }
        return new BuildPlan
        {
            Target = stage.Top,
            Config = stage.Base with { Config = config, Author = stage.Author, Created = null, History = null },
            BaseHistory = stage.BaseHistory,
            History = [.. stage.History],
            Images = [.. _images.Used],
        };
    }

    private Stage FindTarget()
    {
        if (_plan.Request.Target is not { } name)
        {
            return Stages[^1];
        }
        if (_plan.Dockerfile.FindStage(name) is { } found)
        {
            return found;
        }
        var hint = _plan.Dockerfile.SuggestStage(name) is { } near ? $"; did you mean {near}?" : "";
        throw new InstructionException($"target stage \"{name}\" could not be found in {_plan.Dockerfile.Text.FileName}{hint}");
    }

    /// <summary>Begins to resolve every image that is surely needed. Problems are left for the planning to meet, in their place.</summary>
    private void Prefetch(int index, HashSet<int> seen)
    {
        if (!seen.Add(index))
        {
            return;
        }
        var stage = Stages[index];
        try
        {
            PrefetchSource(FindBase(stage), seen);
            foreach (var copy in stage.Instructions.OfType<CopyInstruction>())
            {
                if (copy.From is { } from)
                {
                    PrefetchSource(_sources.Find(copy, from, Stages.Length, byIndex: true), seen);
                }
            }
        }
        catch (BuildException)
        {
        }
    }

    private void PrefetchSource(FoundSource? source, HashSet<int> seen)
    {
        switch (source)
        {
            case FoundSource.OfImage image:
                _images.Start(image.Reference);
                break;
            case FoundSource.OfStage stage:
                Prefetch(stage.Index, seen);
                break;
        }
    }

    /// <summary>Null for scratch.</summary>
    private FoundSource? FindBase(Stage stage)
    {
        var from = stage.From;
        var name = _plan.Expand(from, from.BaseName, _args.Find);
        if (name.Length == 0)
        {
            _plan.Refuse(from, $"base name ({from.BaseName}) should not be blank");
        }
        if (stage.Name is { } alias && _plan.Request.NamedContexts.ContainsKey(alias))
        {
            return _sources.Find(from, alias, 0, byIndex: false);
        }
        return name == "scratch" && !_plan.Request.NamedContexts.ContainsKey(name) ? null : _sources.Find(from, name, stage.Index, byIndex: false);
    }

    /// <param name="index">The stage.</param>
    /// <param name="asker">The instruction that needs it.</param>
    private async Task<StageState> PlanStageAsync(int index, Instruction asker)
    {
        if (_stages.TryGetValue(index, out var planned))
        {
            return planned;
        }
        if (!_underway.Add(index))
        {
            _plan.Refuse(asker, $"circular dependency detected on stage: {NameOf(Stages[index])}");
        }
        var stage = Stages[index];
        RefuseOtherPlatform(stage.From);
        var source = FindBase(stage);
        var (state, triggers) = await BeginAsync(stage, source);
        var planner = new StagePlanner(_plan, _args, state, Label(stage, triggers), FindCopySourceAsync);
        foreach (var instruction in triggers.Concat(stage.Instructions))
        {
            await planner.AddAsync(instruction);
        }
        _underway.Remove(index);
        _stages.Add(index, state);
        return state;
    }

    private void RefuseOtherPlatform(FromInstruction from)
    {
        if (from.Platform is not { } written)
        {
            return;
        }
        var text = _plan.Expand(from, written, _args.Find);
        if (text.Length == 0)
        {
            _plan.Refuse(from, $"empty platform value from expression {written}");
        }
        if (!Platform.TryParse(text, out var platform))
        {
            _plan.Refuse(from, $"\"{text}\" is no platform; write os/architecture, such as linux/amd64");
        }
        if (!platform.Matches(Platform.Local))
        {
            _plan.Refuse(from, $"--platform={text}: only images for this machine, {Platform.Local}, can be built here");
        }
    }

    private async Task<(StageState State, ImmutableArray<Instruction> Triggers)> BeginAsync(Stage stage, FoundSource? source)
    {
        switch (source)
        {
            case null:
                return (BeginEmpty(stage), []);
            case FoundSource.OfStage other:
                var derived = (await PlanStageAsync(other.Index, stage.From)).Derive();
                return (derived, TakeTriggers(stage, derived));
            case FoundSource.OfImage image:
                var state = await BeginImageAsync(stage, image.Reference);
                return (state, TakeTriggers(stage, state));
            case FoundSource.OfFolder folder:
                _plan.Refuse(stage.From, $"the build context {folder.Name} is a folder, which can be copied from but not be a base");
                break;
        }
        throw new InvalidOperationException("A base of an unknown kind.");
    }

    private StageState BeginEmpty(Stage stage)
    {
        var platform = _plan.Request.Platform;
        return new StageState
        {
            Top = _plan.Graph.Add(new ScratchOp(), [], new VertexLabel(NameOf(stage))),
            Base = new ImageConfig
            {
                Architecture = platform.Architecture,
                Os = platform.Os,
                Variant = platform.Variant,
                RootFs = new RootFs { DiffIds = [] },
            },
            Config = new ContainerConfig { Env = [DefaultPath], WorkingDir = "/" },
            BaseHistory = [],
            Clamp = _plan.Epoch ?? (_plan.Request.Reproducible ? default(FileTime) : null),
        }.WithEnvironment();
    }

    private async Task<StageState> BeginImageAsync(Stage stage, Reference reference)
    {
        var image = await ResolveAsync(stage.From, reference);
        var config = image.Config.Config ?? new ContainerConfig();
        var environment = config.Env ?? [];
        if (!environment.Any(variable => variable.StartsWith("PATH=", StringComparison.Ordinal)))
        {
            config = config with { Env = [.. environment, DefaultPath] };
        }
        var created = image.Config.CreatedAt is { } time ? FileTimes.Of(time) : default;
        var label = $"{Bracket(stage, 1, CountSteps(stage, Triggers(config)))} FROM {reference}";
        return new StageState
        {
            Top = _plan.Graph.Add(new ImageOp(reference, image), [], new VertexLabel(label, stage.From.Range)),
            Base = image.Config,
            Config = config,
            Author = image.Config.Author,
            BaseHistory = [.. image.Config.History ?? []],
            Clamp = _plan.Epoch ?? (_plan.Request.Reproducible ? created : null),
        }.WithEnvironment();
    }

    private async Task<BaseImage> ResolveAsync(Instruction instruction, Reference reference)
    {
        try
        {
            return await _images.ResolveAsync(reference);
        }
        catch (BaseImageException e)
        {
            var hint = _plan.Dockerfile.SuggestStage(reference.FamiliarName) is { } near ? $"; did you mean the stage {near}?" : "";
            throw _plan.Failures.At(instruction.Range, e.Message + hint, e);
        }
    }

    private static IReadOnlyList<string> Triggers(ContainerConfig config) => config.OnBuild ?? [];

    /// <summary>The instructions that the base wants done first; the stage itself doesn't pass them on.</summary>
    private ImmutableArray<Instruction> TakeTriggers(Stage stage, StageState state)
    {
        var triggers = ImmutableArray.CreateBuilder<Instruction>();
        foreach (var text in Triggers(state.Config))
        {
            if (!DockerfileParser.TryParseTrigger(text, out var trigger, out var problems))
            {
                _plan.Refuse(stage.From, $"the base has an ONBUILD trigger that can't be read: \"{text}\": {problems[0].Message}");
            }
            triggers.Add(trigger is FromInstruction or OnBuildInstruction or MaintainerInstruction
                ? throw _plan.Failures.At(stage.From.Range, $"the base has an ONBUILD trigger that isn't allowed: \"{text}\"")
                : trigger);
        }
        state.Config = state.Config with { OnBuild = null };
        return triggers.ToImmutable();
    }

    private async Task<Vertex> FindCopySourceAsync(FileInstruction instruction, string? from)
    {
        if (from is null)
        {
            var main = _contexts.Main(instruction);
            return _plan.Graph.Add(new ContextOp("", main), [], new VertexLabel(main.Description));
        }
        if (from.Contains('$', StringComparison.Ordinal))
        {
            _plan.Refuse(instruction, "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround");
        }
        switch (_sources.Find(instruction, from, Stages.Length, byIndex: true))
        {
            case FoundSource.OfStage stage:
                return (await PlanStageAsync(stage.Index, instruction)).Top;
            case FoundSource.OfImage { Reference: var reference }:
                var image = await ResolveAsync(instruction, reference);
                return _plan.Graph.Add(new ImageOp(reference, image), [], new VertexLabel($"FROM {reference}", instruction.Range));
            case FoundSource.OfFolder folder:
                var named = _contexts.Named(folder.Name, folder.Path);
                return _plan.Graph.Add(new ContextOp(folder.Name, named), [], new VertexLabel(named.Description));
        }
        throw new InvalidOperationException("A source of an unknown kind.");
    }

    private StepLabels Label(Stage stage, ImmutableArray<Instruction> triggers)
    {
        // A stage from scratch has no FROM to show, but its steps count as if it had.
        var count = 1 + triggers.Concat(stage.Instructions).Count(StepLabels.IsStep);
        return new StepLabels(number => Bracket(stage, number, count), PlaceOf(stage), triggers.Length);
    }

    private static int CountSteps(Stage stage, IReadOnlyList<string> triggers) => 1 + stage.Instructions.Count(StepLabels.IsStep)
        + triggers.Count(text => DockerfileParser.TryParseTrigger(text, out var trigger, out _) && StepLabels.IsStep(trigger));

    private string Bracket(Stage stage, int number, int count)
    {
        var total = count.ToString(CultureInfo.InvariantCulture);
        var name = Stages.Length == 1 ? "" : NameOf(stage) + " ";
        return $"[{name}{number.ToString(CultureInfo.InvariantCulture).PadLeft(total.Length)}/{total}]";
    }

    private static string NameOf(Stage stage) => stage.Name ?? string.Create(CultureInfo.InvariantCulture, $"stage-{stage.Index}");

    private Func<int, Digest> PlaceOf(Stage stage)
    {
        var file = $"{_plan.Request.Dockerfile.Path ?? _plan.Request.Dockerfile.Name}\0{_plan.Request.ContextDirectory}\0{NameOf(stage)}";
        return step => Digest.Of(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"place\0{file}\0{step}")));
    }
}

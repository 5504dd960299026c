using System.Globalization;
using System.Text;
using Strata.Content.Layers;
using Strata.Linux;

namespace Strata.Build;

/// <summary>Gets a step ready: learns what its result depends on, and how to make it.</summary>
internal sealed class StepPreparer(BuildPorts ports, TimeProvider time)
{
    private readonly LayerReader _reader = new(ports.Layers);
    private readonly LayerAssembler _assembler = new(ports.Layers, ports.TemporaryDirectory);
    private readonly FileHasher _hasher = new(ports.Cache, time);

    private StageUsers Users => new(_reader);

    /// <param name="below">What the step works on.</param>
    /// <param name="source">What a COPY takes from; null for a context's files and for everything else.</param>
    public async Task<PreparedStep> PrepareAsync(Vertex vertex, FileSystem below, FileSystem? source, IVertexOutput output, CancellationToken cancellationToken)
    {
        var facts = new FactList();
        facts.Add("the operation", vertex.Op.GetType().Name);
        // The layers themselves, not how they came about: a step below that was done again and gave something else
        // must not find a result that was made on what it gave before.
        facts.AddUnlabelled(
            vertex.Inputs[0].Op is ImageOp or ScratchOp ? "the base" : "the step before",
            Encoding.ASCII.GetBytes(string.Concat(below.Layers.Select(layer => layer.Hex))));
        vertex.Op.Describe(facts);
        facts.Add("the latest time allowed", vertex.Clamp?.ToString() ?? "-");
        if (vertex.Op is CopyOp or MakeDirectoryOp)
        {
            // What these make themselves (directories, heredocs) gets the newest time below. The layers' times are in the
            // layers; only a base's own can be another above the same ones. A layer has whole seconds.
            facts.Add("the base's time", below.Newest.Clamp(vertex.Clamp).Seconds.ToString(CultureInfo.InvariantCulture));
        }
        switch (vertex.Op)
        {
            case CopyOp op:
                return await PrepareCopyAsync(op, vertex, facts, (below, source), cancellationToken);
            case RunOp op:
                return new PreparedStep(facts, token => RunAsync(op, vertex, below, output, token), []);
            case MakeDirectoryOp op:
                return new PreparedStep(facts, token => MakeDirectoryAsync(op, vertex, below, token), []);
            default:
                throw new InvalidOperationException($"{vertex.Op.GetType().Name} is no step.");
        }
    }

    private async Task<PreparedStep> PrepareCopyAsync(
        CopyOp op, Vertex vertex, FactList facts, (FileSystem Below, FileSystem? Source) inputs, CancellationToken cancellationToken)
    {
        var context = vertex.Inputs.Length > 1 && vertex.Inputs[1].Op is ContextOp contextOp ? contextOp.Tree : null;
        ISourceTree? tree = context;
        if (inputs.Source is { } image)
        {
            var opened = await _reader.OpenAsync(image.Layers, cancellationToken);
            tree = new ImageTree(opened.Tree, opened.Indexes, DescriptionOf(vertex.Inputs[1]));
        }
        var selection = await CopySelection.MakeAsync(op, tree, _hasher, cancellationToken);
        selection.Describe(op, facts);
        return new PreparedStep(facts, CopyAsync, selection.Warnings);

        async Task<StepWork> CopyAsync(CancellationToken token)
        {
            var below = await _reader.OpenAsync(inputs.Below.Layers, token);
            (uint, uint)? owner = op.Owner is null ? null : await Users.OwnerAsync(op.Owner, below, token);
            var archives = new List<UnpackedArchive>();
            try
            {
                var unpacked = selection.Unpack(context, new UnpackWork(ports.TemporaryDirectory, UnpackLimit.Default, token), archives);
                var entries = new CopyPlanner(op, unpacked, owner).Plan(below.Tree, inputs.Below.Newest);
                return await WriteAsync(new LayerRecipe(entries, context, inputs.Source?.Layers ?? [], vertex.Clamp), token);
            }
            finally
            {
                archives.ForEach(archive => archive.Dispose());
            }
        }
    }

    private async Task<StepWork> MakeDirectoryAsync(MakeDirectoryOp op, Vertex vertex, FileSystem below, CancellationToken cancellationToken)
    {
        var layers = await _reader.OpenAsync(below.Layers, cancellationToken);
        var plan = new LayerPlan(layers.Tree, below.Newest, PlanTable.WithoutCopies());
        var path = plan.Resolve(op.Path);
        if (plan.KindAt(path) == EntryKind.Directory)
        {
            return new StepWork(null, default);
        }
        var (userId, groupId) = await Users.OwnerAsync(op.User, layers, cancellationToken);
        plan.MakeDirectories(path, userId, groupId);
        return await WriteAsync(new LayerRecipe(plan.InOrder(), null, [], vertex.Clamp), cancellationToken);
    }

    private async Task<StepWork> RunAsync(RunOp op, Vertex vertex, FileSystem below, IVertexOutput output, CancellationToken cancellationToken)
    {
        var layers = await _reader.OpenAsync(below.Layers, cancellationToken);
        var step = new RunStep
        {
            Layers = below.Layers,
            Arguments = op.Arguments,
            Environment = [.. op.Environment.Concat(op.Proxies).Select(variable => $"{variable.Key}={variable.Value}")],
            WorkingDirectory = op.WorkingDirectory,
            User = await Users.ForStepAsync(op.User, layers, cancellationToken),
            Network = op.Network,
            HostName = op.HostName,
            ExtraHosts = op.ExtraHosts,
            Files = op.Files,
            ClampModified = vertex.Clamp,
        };
        switch (await ports.Executor.RunAsync(step, output, cancellationToken))
        {
            case StepOutcome.Failed failed:
                throw new CommandFailedException(failed.ExitCode);
            case StepOutcome.Succeeded { Layer: { Count: > 0 } layer }:
                FileTime newest = default;
                for (var i = 0; i < layer.Count; i++)
                {
                    newest = newest.Latest(layer[i].Modified);
                }
                return new StepWork(layer, newest);
            default:
                return new StepWork(null, default);
        }
    }

    private async Task<StepWork> WriteAsync(LayerRecipe recipe, CancellationToken cancellationToken)
    {
        if (recipe.Entries.Count == 0)
        {
            return new StepWork(null, default);
        }
        var layer = await _assembler.WriteAsync(recipe, cancellationToken);
        FileTime newest = default;
        foreach (var entry in recipe.Entries)
        {
            newest = newest.Latest(new FileTime(entry.Header.Modified.Seconds, 0));
        }
        return new StepWork(layer, newest.Clamp(recipe.ClampModified));
    }

    private static string DescriptionOf(Vertex source) => source.Op is ImageOp image ? image.Reference.Familiar : "the stage it copies from";
}

/// <summary>The command of a RUN ended with something else than 0.</summary>
internal sealed class CommandFailedException(int exitCode) : Exception
{
    public int ExitCode { get; } = exitCode;
}

using System.Globalization;
using Strata.Dockerfile;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Builds images from Dockerfiles.</summary>
public sealed class Builder(BuildPorts ports, TimeProvider time)
{
    private const string EpochArgument = "SOURCE_DATE_EPOCH";

    /// <summary>
    /// Builds, and says how it goes. The layers are in the store when it returns; the config is the caller's to store.
    /// Throws <see cref="BuildException"/> with what to tell the user, and <see cref="OperationCanceledException"/>.
    /// </summary>
    public async Task<BuiltImage> BuildAsync(BuildRequest request, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var dockerfile = Parse(request);
        var failures = new FailureWriter(dockerfile.Text);
        var plan = new PlanContext(request, dockerfile, new GraphBuilder(), failures) { Epoch = EpochOf(request, dockerfile) };
        var reporter = new ProgressReporter(progress);
        using var contexts = new ContextFinder(plan);
        foreach (var warning in UnusedArgs.Describe(request, dockerfile))
        {
            reporter.Report(new BuildEvent.Warning(warning) { Vertex = Digest.Of("build arguments"u8) });
        }
        var built = await PlanAsync(plan, contexts, reporter, cancellationToken);
        var steps = new StepSolver(ports, new StepPreparer(ports, time), failures, request.NoCache);
        using var solver = new Solver(steps, reporter, cancellationToken);
        try
        {
            return ImageAssembler.Assemble(built, await solver.SolveAsync(built.Target));
        }
        finally
        {
            // A build that fails used what it found no less: the next try wants it again.
            if (!cancellationToken.IsCancellationRequested)
            {
                await NoteUsedAsync(steps, reporter, cancellationToken);
            }
        }
    }

    /// <summary>A note, which must not be what a build fails of, nor hide what it failed of.</summary>
    private static async Task NoteUsedAsync(StepSolver steps, ProgressReporter progress, CancellationToken cancellationToken)
    {
        try
        {
            await steps.TouchUsedAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            progress.Report(new BuildEvent.Warning($"what this build used of the cache could not be noted, and may be pruned sooner: {failure.Message}") { Vertex = Digest.Of("build cache"u8) });
        }
    }

    private static DockerfileSyntax Parse(BuildRequest request)
    {
        if (!request.Platform.Matches(Platform.Local))
        {
            throw new InstructionException($"--platform={request.Platform}: only images for this machine, {Platform.Local}, can be built here");
        }
        switch (DockerfileParser.Parse(request.Dockerfile.Content, request.Dockerfile.Name))
        {
            case ParseResult.Failed failed:
                throw new DockerfileException(failed.Errors, request.Dockerfile.Name)
                {
                    Excerpt = [.. failed.Readable.Text.Excerpt(failed.Errors[0].Range, 2).Select(line => new SourceLine(line.Number, line.Text, line.InRange))],
                };
            case ParseResult.Parsed { Dockerfile: var dockerfile }:
                if (dockerfile.Directives is { WantsForeignFrontend: true, Syntax: { } syntax })
                {
                    throw new InstructionException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{request.Dockerfile.Name}:{syntax.Line}: syntax={syntax.Value} asks for a frontend that would have to be downloaded and run; only Docker's own language is built"));
                }
                return dockerfile;
            default:
                throw new InvalidOperationException("A Dockerfile of an unknown state.");
        }
    }

    private async Task<BuildPlan> PlanAsync(PlanContext plan, ContextFinder contexts, ProgressReporter progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var images = new ImageResolver(ports.Images, plan.Request.Platform, progress, stop.Token);
        try
        {
            return await new DockerfilePlanner(plan, images, contexts).PlanAsync();
        }
        finally
        {
            await stop.CancelAsync();
            await images.SettleAsync();
        }
    }

    /// <summary>From the request, a build argument, or the default that a global ARG has.</summary>
    private static FileTime? EpochOf(BuildRequest request, DockerfileSyntax dockerfile)
    {
        if (request.SourceDateEpoch is { } given)
        {
            return new FileTime(given, 0);
        }
        var declared = dockerfile.GlobalArgs.SelectMany(instruction => instruction.Declarations).LastOrDefault(arg => arg.Name == EpochArgument);
        var text = request.BuildArgs.GetValueOrDefault(EpochArgument) ?? declared?.Default;
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? new FileTime(seconds, 0)
            : throw new InstructionException($"{EpochArgument} is \"{text}\", which is not a number of seconds since 1970");
    }
}

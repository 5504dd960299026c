using System.Collections.Immutable;
using Strata.Dockerfile;

namespace Strata.Build;

/// <summary>Turns what went wrong into what the user is told: the place in the Dockerfile, the instruction, the cause.</summary>
internal sealed class FailureWriter(DockerfileText text)
{
    private const int LinesAround = 2;

    public BuildException Explain(Vertex vertex, ImmutableArray<string> lastLines, Exception failure)
    {
        switch (failure)
        {
            case BuildException known:
                return known;
            case CommandFailedException command:
                return new StepFailedException(Where(vertex.Range), vertex.Name, command.ExitCode, lastLines) { Excerpt = Excerpt(vertex.Range) };
            case CopyException:
                return At(vertex.Range, failure.Message, failure);
            default:
                return At(vertex.Range, $"{vertex.Name}: {failure.Message}", failure);
        }
    }

    /// <summary>A problem of one place: <c>Dockerfile:7: …</c>, with the lines around it.</summary>
    public InstructionException At(SourceRange? range, string problem, Exception? cause = null) =>
        new(Where(range) + problem, cause) { Excerpt = Excerpt(range) };

    private string Where(SourceRange? range) => range is { } lines ? string.Create(null, $"{text.FileName}:{lines.StartLine}: ") : "";

    private ImmutableArray<SourceLine> Excerpt(SourceRange? range) => range is { } lines
        ? [.. text.Excerpt(lines, LinesAround).Select(line => new SourceLine(line.Number, line.Text, line.InRange))]
        : [];
}

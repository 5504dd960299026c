using System.Collections.Immutable;
using Strata.Dockerfile;

namespace Strata.Build;

/// <summary>A build ended without an image. The message is what, where and why in a sentence or two.</summary>
public abstract class BuildException : Exception
{
    private protected BuildException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>The lines of the Dockerfile it is about; empty where it's about none.</summary>
    public ImmutableArray<SourceLine> Excerpt { get; init; } = [];
}

/// <param name="IsCause">One of the lines it's about, not one around them.</param>
public sealed record SourceLine(int Number, string Text, bool IsCause);

/// <summary>The Dockerfile can't be read.</summary>
public sealed class DockerfileException(ImmutableArray<DockerfileError> errors, string fileName)
    : BuildException(string.Join('\n', errors.Select(error => error.Format(fileName))))
{
    public ImmutableArray<DockerfileError> Errors { get; } = errors;
}

/// <summary>An instruction, or the request itself, says something that can't be done.</summary>
public sealed class InstructionException(string message, Exception? inner = null) : BuildException(message, inner);

/// <summary>A command ended with another exit code than 0.</summary>
/// <param name="place">Where the message begins: <c>Dockerfile:3: </c>, or nothing.</param>
/// <param name="step">As the progress names it.</param>
/// <param name="exitCode">As a shell gives it: 128 and the number for a signal.</param>
/// <param name="lastLines">The end of what the command printed.</param>
public sealed class StepFailedException(string place, string step, int exitCode, ImmutableArray<string> lastLines)
    : BuildException($"{place}{step}: the command ended with exit code {exitCode}")
{
    public string Step { get; } = step;

    public int ExitCode { get; } = exitCode;

    public ImmutableArray<string> LastLines { get; } = lastLines;
}

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
public sealed class StepFailedException(string step, int exitCode, ImmutableArray<string> lastLines)
    : BuildException($"{step}: the command ended with exit code {exitCode}")
{
    /// <summary>As the progress names it.</summary>
    public string Step { get; } = step;

    /// <summary>As a shell gives it: 128 and the number for a signal.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The end of what the command printed.</summary>
    public ImmutableArray<string> LastLines { get; } = lastLines;
}

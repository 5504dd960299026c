namespace Strata.Dockerfile;

/// <summary>Something that makes a Dockerfile unusable: where, what, and what to do about it when that is known.</summary>
public sealed record DockerfileError(SourceRange Range, string Message, string? Hint)
{
    /// <summary>The form shown to a user: <c>Dockerfile:3: unknown instruction: COPPY (did you mean COPY?)</c>.</summary>
    public string Format(string fileName) =>
        string.Create(null, $"{fileName}:{Range.StartLine}: {Message}") + (Hint is null ? "" : $" ({Hint})");
}

namespace Strata.Dockerfile;

public enum DockerfileWarningKind
{
    /// <summary>An empty line inside a continued statement; the language will refuse it one day.</summary>
    EmptyContinuation,

    /// <summary>Bytes that are not UTF-8 were replaced by U+FFFD in something that is not a comment.</summary>
    NotUtf8,
}

/// <summary>Something the parser let pass.</summary>
public sealed record DockerfileWarning(DockerfileWarningKind Kind, SourceRange Range, string Message);

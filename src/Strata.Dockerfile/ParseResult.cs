using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>What came of reading a Dockerfile.</summary>
public abstract record ParseResult
{
    private ParseResult()
    {
    }

    public sealed record Parsed(DockerfileSyntax Dockerfile) : ParseResult;

    /// <param name="Errors">Every problem that could be found, in the order of the file; never empty.</param>
    /// <param name="Readable">What could be read, for lints and excerpts; not to be built.</param>
    public sealed record Failed(ImmutableArray<DockerfileError> Errors, DockerfileSyntax Readable) : ParseResult;
}

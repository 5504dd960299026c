using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>Collects what is wrong with a file; a hopeless file is not told everything.</summary>
internal sealed class ErrorList
{
    private const int Limit = 100;

    private readonly List<DockerfileError> _errors = [];

    public int Count => _errors.Count;

    public bool IsFull => _errors.Count >= Limit;

    public void Add(SourceRange range, string message, string? hint = null)
    {
        if (!IsFull)
        {
            _errors.Add(new DockerfileError(range, message, hint));
        }
    }

    public ImmutableArray<DockerfileError> ToImmutable() => [.. _errors.OrderBy(error => error.Range.StartLine)];
}

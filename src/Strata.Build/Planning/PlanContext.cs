using System.Diagnostics.CodeAnalysis;
using Strata.Dockerfile;
using Strata.Linux;

namespace Strata.Build;

/// <summary>What every part of the planning of one Dockerfile works with.</summary>
internal sealed record PlanContext(BuildRequest Request, DockerfileSyntax Dockerfile, GraphBuilder Graph, FailureWriter Failures)
{
    /// <summary>What SOURCE_DATE_EPOCH says, however it was given.</summary>
    public FileTime? Epoch { get; init; }

    [DoesNotReturn]
    public void Refuse(Instruction instruction, string problem) => throw Failures.At(instruction.Range, problem);

    public string Expand(Instruction instruction, string word, Func<string, string?> lookup) => ExpandWords(instruction, word, lookup).Text;

    public ExpansionResult ExpandWords(Instruction instruction, string word, Func<string, string?> lookup)
    {
        var result = Expansion.Expand(word, lookup, Dockerfile.Directives.EscapeCharacter);
        if (result.Error is { } problem)
        {
            Refuse(instruction, problem);
        }
        return result;
    }
}

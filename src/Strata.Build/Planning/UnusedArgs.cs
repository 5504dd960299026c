using Strata.Dockerfile;

namespace Strata.Build;

/// <summary>Build arguments that nothing in the Dockerfile asks for: most likely a name was mistyped.</summary>
internal static class UnusedArgs
{
    /// <summary>A sentence for each.</summary>
    public static IEnumerable<string> Describe(BuildRequest request, DockerfileSyntax dockerfile)
    {
        var declared = dockerfile.GlobalArgs.Concat(dockerfile.Stages.SelectMany(stage => stage.Instructions).OfType<ArgInstruction>())
            .SelectMany(instruction => instruction.Declarations)
            .Select(arg => arg.Name)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var name in request.BuildArgs.Keys.Order(StringComparer.Ordinal))
        {
            if (!declared.Contains(name) && !GlobalArgs.IsKnownToEveryBuild(name))
            {
                var hint = Suggestion.For(name, declared) is { } near ? $"; did you mean {near}?" : "";
                yield return $"--build-arg {name} is not used: no ARG in {dockerfile.Text.FileName} has that name{hint}";
            }
        }
    }
}

using Strata.Dockerfile;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Finds what a name of FROM or <c>--from</c> means: a named context, a stage, or an image, in this order.</summary>
internal sealed class SourceFinder(PlanContext plan)
{
    private const string ImageScheme = "docker-image://";

    public FoundSource Find(Instruction instruction, string name, int stagesBefore, bool byIndex)
    {
        if (FindNamedContext(name) is { } value)
        {
            return FromNamedContext(instruction, name, value);
        }
        var stages = plan.Dockerfile.Stages.Take(stagesBefore);
        if (stages.LastOrDefault(stage => string.Equals(stage.Name, name, StringComparison.OrdinalIgnoreCase)) is { } named)
        {
            return new FoundSource.OfStage(named.Index);
        }
        if (byIndex && int.TryParse(name, out var index))
        {
            if (index < 0 || index >= plan.Dockerfile.Stages.Length)
            {
                plan.Refuse(instruction, $"there is no stage {index}; stages count from 0 to {plan.Dockerfile.Stages.Length - 1}");
            }
            return new FoundSource.OfStage(index);
        }
        if (Reference.TryParse(name, out var reference, out var problem))
        {
            return new FoundSource.OfImage(reference.WithDefaultTag());
        }
        plan.Refuse(instruction, $"\"{name}\" is neither a stage nor an image: {problem}");
        return null;
    }

    /// <summary>The value of <c>--build-context</c> for a name, or for the image it stands for.</summary>
    private string? FindNamedContext(string name)
    {
        if (plan.Request.NamedContexts.TryGetValue(name, out var value) || plan.Request.NamedContexts.TryGetValue(name.ToLowerInvariant(), out value))
        {
            return value;
        }
        if (!Reference.TryParse(name, out var reference))
        {
            return null;
        }
        foreach (var (key, candidate) in plan.Request.NamedContexts)
        {
            if (Reference.TryParse(key, out var other) && other.WithDefaultTag() == reference.WithDefaultTag())
            {
                return candidate;
            }
        }
        return null;
    }

    private FoundSource FromNamedContext(Instruction instruction, string name, string value)
    {
        if (value.StartsWith(ImageScheme, StringComparison.Ordinal))
        {
            if (!Reference.TryParse(value[ImageScheme.Length..], out var reference, out var problem))
            {
                plan.Refuse(instruction, $"the build context {name} is {value}, which names no image: {problem}");
            }
            return new FoundSource.OfImage(reference.WithDefaultTag());
        }
        if (value.Contains("://", StringComparison.Ordinal) || value.StartsWith("target:", StringComparison.Ordinal))
        {
            plan.Refuse(instruction, $"the build context {name} is {value}; only folders and docker-image:// can be used so far");
        }
        if (!Directory.Exists(value))
        {
            plan.Refuse(instruction, $"the build context {name} is {value}, which is no folder");
        }
        return new FoundSource.OfFolder(name, value);
    }
}

internal abstract record FoundSource
{
    private FoundSource()
    {
    }

    public sealed record OfStage(int Index) : FoundSource;

    public sealed record OfImage(Reference Reference) : FoundSource;

    public sealed record OfFolder(string Name, string Path) : FoundSource;
}

namespace Strata.Build;

/// <summary>What a build needs from outside.</summary>
public sealed record BuildPorts
{
    public required IImageProvider Images { get; init; }
    public required ILayerAccess Layers { get; init; }
    public required IStepExecutor Executor { get; init; }
    public required IBuildCache Cache { get; init; }

    /// <summary>A folder for files that are gone when the build ends; best on the file system of the layers.</summary>
    public required string TemporaryDirectory { get; init; }
}

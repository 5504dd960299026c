namespace Strata.Dockerfile;

internal static class StageBase
{
    /// <summary>The earlier stage a stage is built from, or null when it is an image; ARGs have their defaults.</summary>
    public static Stage? Find(LintContext context, Stage stage) =>
        context.Dockerfile.FindBase(stage, context.Globals.Expand(stage.From.BaseName, context.Escape).Text);
}

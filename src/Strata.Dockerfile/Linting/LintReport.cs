using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>The warnings in the order of the file, and why they fail the build when the file or the user wants that.</summary>
public sealed record LintReport(ImmutableArray<LintWarning> Warnings, DockerfileError? Failure);

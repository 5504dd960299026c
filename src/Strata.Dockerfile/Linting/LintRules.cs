using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>The rules this room can judge. InvalidBaseImagePlatform needs the base image; the engine reports it.</summary>
public static class LintRules
{
    public static LintRule StageNameCasing { get; } = new("StageNameCasing", "Stage names should be lowercase")
    {
        Page = "stage-name-casing",
    };

    public static LintRule FromAsCasing { get; } = new(
        "FromAsCasing", "The 'as' keyword should match the case of the 'from' keyword")
    {
        Page = "from-as-casing",
    };

    public static LintRule NoEmptyContinuation { get; } = new(
        "NoEmptyContinuation", "Empty continuation lines will become errors in a future release")
    {
        Page = "no-empty-continuation",
    };

    public static LintRule ConsistentInstructionCasing { get; } = new(
        "ConsistentInstructionCasing", "All commands within the Dockerfile should use the same casing (either upper or lower)")
    {
        Page = "consistent-instruction-casing",
    };

    public static LintRule DuplicateStageName { get; } = new("DuplicateStageName", "Stage names should be unique")
    {
        Page = "duplicate-stage-name",
    };

    public static LintRule ReservedStageName { get; } = new("ReservedStageName", "Reserved words should not be used as stage names")
    {
        Page = "reserved-stage-name",
    };

    public static LintRule JsonArgsRecommended { get; } = new(
        "JSONArgsRecommended",
        "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals")
    {
        Page = "json-args-recommended",
    };

    public static LintRule MaintainerDeprecated { get; } = new(
        "MaintainerDeprecated", "The MAINTAINER instruction is deprecated, use a label instead to define an image author")
    {
        Page = "maintainer-deprecated",
    };

    public static LintRule UndefinedArgInFrom { get; } = new("UndefinedArgInFrom", "FROM command must use declared ARGs")
    {
        Page = "undefined-arg-in-from",
    };

    public static LintRule WorkdirRelativePath { get; } = new(
        "WorkdirRelativePath",
        "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes")
    {
        Page = "workdir-relative-path",
    };

    public static LintRule UndefinedVar { get; } = new("UndefinedVar", "Variables should be defined before their use")
    {
        Page = "undefined-var",
    };

    public static LintRule MultipleInstructionsDisallowed { get; } = new(
        "MultipleInstructionsDisallowed", "Multiple instructions of the same type should not be used in the same stage")
    {
        Page = "multiple-instructions-disallowed",
    };

    public static LintRule LegacyKeyValueFormat { get; } = new(
        "LegacyKeyValueFormat", "Legacy key/value format with whitespace separator should not be used")
    {
        Page = "legacy-key-value-format",
    };

    public static LintRule RedundantTargetPlatform { get; } = new(
        "RedundantTargetPlatform",
        "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior")
    {
        Page = "redundant-target-platform",
    };

    public static LintRule SecretsUsedInArgOrEnv { get; } = new(
        "SecretsUsedInArgOrEnv", "Sensitive data should not be used in the ARG or ENV commands")
    {
        Page = "secrets-used-in-arg-or-env",
    };

    public static LintRule InvalidDefaultArgInFrom { get; } = new(
        "InvalidDefaultArgInFrom", "Default value for global ARG results in an empty or invalid base image name")
    {
        Page = "invalid-default-arg-in-from",
    };

    public static LintRule FromPlatformFlagConstDisallowed { get; } = new(
        "FromPlatformFlagConstDisallowed", "FROM --platform flag should not use a constant value")
    {
        Page = "from-platform-flag-const-disallowed",
    };

    public static LintRule CopyIgnoredFile { get; } = new(
        "CopyIgnoredFile", "Attempting to Copy file that is excluded by .dockerignore")
    {
        Page = "copy-ignored-file",
    };

    public static LintRule InvalidDefinitionDescription { get; } = new(
        "InvalidDefinitionDescription",
        "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended "
        + "to be a description comment, add an empty line or comment between the instruction and the comment.")
    {
        Page = "invalid-definition-description",
        IsExperimental = true,
    };

    public static LintRule ExposeProtoCasing { get; } = new("ExposeProtoCasing", "Protocol in EXPOSE instruction should be lowercase")
    {
        Page = "expose-proto-casing",
    };

    public static LintRule ExposeInvalidFormat { get; } = new(
        "ExposeInvalidFormat",
        "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release")
    {
        Page = "expose-invalid-format",
    };

    public static ImmutableArray<LintRule> All { get; } =
    [
        StageNameCasing, FromAsCasing, NoEmptyContinuation, ConsistentInstructionCasing, DuplicateStageName, ReservedStageName,
        JsonArgsRecommended, MaintainerDeprecated, UndefinedArgInFrom, WorkdirRelativePath, UndefinedVar,
        MultipleInstructionsDisallowed, LegacyKeyValueFormat, RedundantTargetPlatform, SecretsUsedInArgOrEnv,
        InvalidDefaultArgInFrom, FromPlatformFlagConstDisallowed, CopyIgnoredFile, InvalidDefinitionDescription, ExposeProtoCasing,
        ExposeInvalidFormat,
    ];
}

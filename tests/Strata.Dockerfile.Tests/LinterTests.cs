namespace Strata.Dockerfile.Tests;

public sealed class LinterTests
{
    [Fact]
    public void A_clean_file_has_no_warnings()
    {
        Assert.Empty(Lint("FROM alpine AS build\nWORKDIR /src\nRUN make\nFROM scratch\nCOPY --from=build /src/x /x\nCMD [\"/x\"]\n").Warnings);
    }

    [Theory]
    [InlineData("FROM scratch AS Up\n", "StageNameCasing: Stage name 'Up' should be lowercase (line 1)")]
    [InlineData("FROM scratch as x\n", "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)")]
    [InlineData("FROM scratch\nRun x\n", "ConsistentInstructionCasing: Command 'Run' should match the case of the command majority (uppercase) (line 2)")]
    [InlineData("FROM scratch\nCMD x\n", "JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 2)")]
    [InlineData("FROM scratch\nWORKDIR a\nWORKDIR b\n", "WorkdirRelativePath: Relative workdir \"a\" can have unexpected results if the base image changes (line 2)")]
    [InlineData("FROM scratch\nENV A=$B\n", "UndefinedVar: Usage of undefined variable '$B' (line 2)")]
    [InlineData("FROM scratch\nRUN --mount=type=cache,target=$DIR x\n", "UndefinedVar: Usage of undefined variable '$DIR' (line 2)")]
    [InlineData("FROM scratch\nCOPY <<E /x\n$WHAT\nE\n", "UndefinedVar: Usage of undefined variable '$WHAT' (line 2)")]
    [InlineData("FROM $IMG\n", "UndefinedArgInFrom: FROM argument 'IMG' is not declared (line 1)")]
    [InlineData("ARG A_TOKEN\nFROM scratch\n", "SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG \"A_TOKEN\") (line 1)")]
    [InlineData("FROM --platform=linux/arm64 scratch\n", "FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value \"linux/arm64\" (line 1)")]
    [InlineData("FROM scratch\nEXPOSE 80/TCP\n", "ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase (line 2)")]
    public void A_rule_names_itself_what_it_found_and_where(string content, string expected) =>
        Assert.Equal(expected, Assert.Single(Lint(content).Warnings).ToString());

    [Fact]
    public void A_variable_with_something_to_stand_in_for_it_is_no_finding()
    {
        Assert.Empty(Lint("FROM scratch\nENV A=${B:-x} C=${D:+y} E=${F-z}\n").Warnings);
    }

    [Fact]
    public void Variables_are_not_judged_when_the_image_is_not_known()
    {
        Assert.Empty(Lint("FROM python\nENV A=$PYTHON_VERSION\n").Warnings);
    }

    [Fact]
    public void Rules_are_switched_off_for_the_file_or_for_one_instruction()
    {
        Assert.Empty(Lint("# check=skip=JSONArgsRecommended\nFROM scratch\nCMD x\n").Warnings);
        Assert.Empty(Lint("FROM scratch\n# check=skip=all // we know\nCMD x\n").Warnings);
        Assert.Single(Lint("FROM scratch\n# check=skip=JSONArgsRecommended\nCMD x\nENTRYPOINT y\n").Warnings);
    }

    [Fact]
    public void Warnings_fail_the_build_when_the_file_says_so()
    {
        Assert.Equal("lint violation found for rules: JSONArgsRecommended", Lint("# check=error=true\nFROM scratch\nCMD x\n").Failure!.Message);
        Assert.Null(Lint("# check=error=true\nFROM scratch\n").Failure);
        Assert.Null(Lint("FROM scratch\nCMD x\n").Failure);
    }

    private static LintReport Lint(string content) => Linter.Run(Read.File(content), LintOptions.Default);
}

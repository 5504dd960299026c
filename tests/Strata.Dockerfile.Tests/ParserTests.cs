using System.Text;

namespace Strata.Dockerfile.Tests;

public sealed class ParserTests
{
    [Fact]
    public void Stages_and_global_arguments_are_told_apart()
    {
        DockerfileSyntax file = Read.File("ARG V=1\nFROM a:$V AS Build\nRUN x\nFROM --platform=$BUILDPLATFORM build\nARG V\n");

        Assert.Equal(new ArgDeclaration("V", "1"), Assert.Single(Assert.Single(file.GlobalArgs).Declarations));
        Assert.Equal(2, file.Stages.Length);
        Assert.Equal("build", file.Stages[0].Name);
        Assert.Equal("Build", file.Stages[0].From.Alias);
        Assert.Equal("a:$V", file.Stages[0].From.BaseName);
        Assert.Equal("$BUILDPLATFORM", file.Stages[1].From.Platform);
        Assert.Equal(new ArgDeclaration("V", null), Assert.Single(Assert.IsType<ArgInstruction>(file.Stages[1].Instructions[0]).Declarations));
    }

    [Fact]
    public void A_stage_is_found_by_name_in_any_case_or_by_index()
    {
        DockerfileSyntax file = Read.File("FROM a AS one\nFROM b AS two\nFROM c\n");

        Assert.Equal(1, file.FindStage("TWO")!.Index);
        Assert.Equal(2, file.FindStage("2")!.Index);
        Assert.Null(file.FindStage("3"));
        Assert.Equal("two", file.SuggestStage("tow"));
        Assert.Equal(0, file.FindBase(file.Stages[1], "ONE")!.Index);
        Assert.Null(file.FindBase(file.Stages[0], "two"));
        Assert.Null(file.FindBase(file.Stages[1], "0"));
    }

    [Fact]
    public void Continued_lines_are_joined_and_comments_between_them_vanish()
    {
        RunInstruction run = Read.One<RunInstruction>("RUN a \\\n  # no\n  && b \\  \n\n  && c\n");

        Assert.Equal("a   && b   && c", Assert.IsType<CommandLine.Shell>(run.CommandLine).Text);
        Assert.Equal(new SourceRange(2, 6), run.Range);
    }

    [Theory]
    [InlineData("RUN a \\\\\n", "a \\\\")]
    [InlineData("RUN a \\\\\\\n", "a \\\\\\")]
    [InlineData("RUN a\\", "a")]
    [InlineData("RUN a # b\n", "a # b")]
    [InlineData("  run\ta\r\n", "a")]
    public void Only_a_lone_escape_at_the_end_continues_a_line(string content, string expected) =>
        Assert.Equal(new CommandLine.Shell(expected), Read.One<RunInstruction>(content).CommandLine);

    [Fact]
    public void An_empty_line_in_a_continuation_is_let_pass_with_a_warning_at_the_last_line()
    {
        DockerfileWarning warning = Assert.Single(Read.File("FROM scratch\nCOPY a \\\n\nb\n").Warnings);

        Assert.Equal(DockerfileWarningKind.EmptyContinuation, warning.Kind);
        Assert.Equal(SourceRange.Line(4), warning.Range);
    }

    [Fact]
    public void Directives_stand_only_at_the_very_top()
    {
        Directives top = Read.File("# Syntax = docker/dockerfile:1\n#escape=`\n# check=skip=all\nFROM scratch\n").Directives;
        Directives late = Read.File("# a comment\n# escape=`\nFROM scratch\n").Directives;

        Assert.Equal("docker/dockerfile:1", top.Syntax!.Value);
        Assert.Equal('`', top.EscapeCharacter);
        Assert.Equal("skip=all", top.Check!.Value);
        Assert.Equal('\\', late.EscapeCharacter);
    }

    [Fact]
    public void A_check_directive_may_stand_below_a_shebang_but_an_escape_may_not()
    {
        Directives directives = Read.File("#!/bin/sh\n# check=skip=all\n# escape=`\nFROM scratch\n").Directives;

        Assert.Equal("skip=all", directives.Check!.Value);
        Assert.Equal('\\', directives.EscapeCharacter);
    }

    [Theory]
    [InlineData("# syntax=docker/dockerfile:1.7-labs\n", false)]
    [InlineData("# syntax=docker.io/docker/dockerfile@sha256:abc\n", false)]
    [InlineData("# syntax=ghcr.io/someone/frontend:1 extra words\n", true)]
    [InlineData("#!/usr/bin/env builder\n# syntax=mine/frontend\n", true)]
    [InlineData("// syntax=mine/frontend\n", true)]
    [InlineData("{\"syntax\": \"mine/frontend\"}", true)]
    [InlineData("FROM scratch\n", false)]
    public void A_file_that_wants_another_frontend_is_recognised(string content, bool foreign)
    {
        Directives directives = DockerfileParser.Parse(content, "Dockerfile") switch
        {
            ParseResult.Parsed parsed => parsed.Dockerfile.Directives,
            ParseResult.Failed failed => failed.Readable.Directives,
            _ => Directives.None,
        };

        Assert.Equal(foreign, directives.WantsForeignFrontend);
    }

    [Theory]
    [InlineData("# escape=x\nFROM scratch", "Dockerfile:1: invalid escape token 'x' does not match ` or \\ (write # escape=` or # escape=\\)")]
    [InlineData("# escape=`\n# escape=`\nFROM scratch", "Dockerfile:2: only one escape parser directive can be used (remove this line)")]
    [InlineData("# check=skipp=all\nFROM scratch", "Dockerfile:1: invalid check option \"skipp\" (write # check=skip=RuleA,RuleB;error=true)")]
    [InlineData("", "Dockerfile:1: the Dockerfile cannot be empty (the least there can be is FROM scratch)")]
    [InlineData("# only this\n", "Dockerfile:1: file with no instructions (the least there can be is FROM scratch)")]
    [InlineData("ARG x\n", "Dockerfile:1: dockerfile contains no stages to build (add a FROM)")]
    [InlineData("RUN x\nFROM a", "Dockerfile:1: no build stage in current context (only ARG may stand in front of the first FROM)")]
    [InlineData("FROM a\n\nCOPPY x y", "Dockerfile:3: unknown instruction: COPPY (did you mean COPY?)")]
    [InlineData("FROM a\nrnu x", "Dockerfile:2: unknown instruction: rnu (did you mean RUN?)")]
    [InlineData("FROM a\nSOMETHING", "Dockerfile:2: unknown instruction: SOMETHING")]
    [InlineData("FROM a b", "Dockerfile:1: FROM requires either one or three arguments (write FROM image or FROM image AS name)")]
    [InlineData("FROM a AS 1st", "Dockerfile:1: invalid name for build stage: \"1st\", name can't start with a number or contain symbols (use letters, digits, '-', '_' and '.', beginning with a letter)")]
    public void What_is_wrong_is_said_with_place_cause_and_cure(string content, string expected) =>
        Assert.Equal(expected, Read.Error(content));

    [Fact]
    public void All_problems_are_told_at_once()
    {
        IReadOnlyList<DockerfileError> errors = Read.Errors(
            "FROM a\nCOPPY x y\nCOPY x\nRUN --mount=type=bnd,target=/x y\nENV\nHEALTHCHECK --interval=1 CMD x\nRUN ok\n");

        Assert.Equal([2, 3, 4, 5, 6], errors.Select(error => error.Range.StartLine));
    }

    [Fact]
    public void What_could_be_read_of_a_broken_file_is_kept()
    {
        var failed = Assert.IsType<ParseResult.Failed>(DockerfileParser.Parse("FROM a AS x\nMAINTAINER me\nBAD\nRUN y\n", "Dockerfile"));

        Assert.Equal("x", Assert.Single(failed.Readable.Stages).Name);
        Assert.Equal(2, failed.Readable.Stages[0].Instructions.Length);
    }

    [Fact]
    public void A_line_may_have_65535_bytes_and_no_more()
    {
        Assert.Single(Read.File("FROM scratch\nRUN " + new string('x', 65_531) + "\n").Stages);
        Assert.StartsWith(
            "Dockerfile:2: dockerfile line greater than max allowed size of 65535",
            Read.Error("FROM scratch\nRUN " + new string('x', 65_532) + "\n"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_and_Windows_line_ends_do_no_harm()
    {
        byte[] content = [0xEF, 0xBB, 0xBF, .. "FROM scratch\r\nRUN a \\\r\n b\r\n"u8];

        var parsed = Assert.IsType<ParseResult.Parsed>(DockerfileParser.Parse(content, "Dockerfile"));

        Assert.Equal(new CommandLine.Shell("a  b"), Assert.IsType<RunInstruction>(parsed.Dockerfile.Stages[0].Instructions[0]).CommandLine);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_told_unless_they_are_in_a_comment()
    {
        byte[] content = [.. "FROM scratch\n# caf"u8, 0xE9, .. "\nLABEL a=caf"u8, 0xE9, .. "\n"u8];

        var parsed = Assert.IsType<ParseResult.Parsed>(DockerfileParser.Parse(content, "Dockerfile"));

        DockerfileWarning warning = Assert.Single(parsed.Dockerfile.Warnings);
        Assert.Equal(DockerfileWarningKind.NotUtf8, warning.Kind);
        Assert.Equal(3, warning.Range.StartLine);
    }

    [Fact]
    public void An_excerpt_shows_the_lines_around()
    {
        DockerfileSyntax file = Read.File("FROM scratch\r\nRUN a\nRUN b\nRUN c\n");

        Assert.Equal(
            [(2, "RUN a", false), (3, "RUN b", true), (4, "RUN c", false)],
            file.Text.Excerpt(SourceRange.Line(3), 1));
    }

    [Fact]
    public void Comments_above_document_what_stands_below()
    {
        DockerfileSyntax file = Read.File("# V the version\nARG V\n# other words\n# x builds it\n\nFROM scratch AS x\n#\nRUN a\n");

        Assert.Equal("the version", file.GlobalArgs[0].DescriptionOf("V"));
        Assert.Equal("builds it", file.Stages[0].From.DescriptionOf("x"));
        Assert.Empty(file.Stages[0].Instructions[0].Source.Comments);
    }

    [Fact]
    public void Too_many_instructions_are_refused()
    {
        var content = new StringBuilder("FROM scratch\n");
        for (int i = 0; i < 10_001; i++)
        {
            content.Append("RUN a\n");
        }

        Assert.Contains("more than 10000 instructions", Read.Error(content.ToString()), StringComparison.Ordinal);
    }
}

namespace Strata.Dockerfile.Tests;

public sealed class HeredocTests
{
    [Fact]
    public void A_heredoc_alone_is_the_text_of_the_shell_command()
    {
        RunInstruction run = Read.One<RunInstruction>("RUN <<EOF\necho a\n  echo b\nEOF\nRUN c\n");

        Assert.Equal(new RunForm.Shell("echo a\n  echo b\n"), run.Form);
        Assert.Equal(new SourceRange(2, 5), run.Range);
    }

    [Fact]
    public void A_heredoc_behind_flags_is_still_alone()
    {
        RunInstruction run = Read.One<RunInstruction>("RUN --mount=type=cache,target=/c --network=none <<EOF\nmake\nEOF\n");

        Assert.Equal(new RunForm.Shell("make\n"), run.Form);
    }

    [Fact]
    public void A_heredoc_alone_with_a_shebang_is_a_script()
    {
        RunInstruction run = Read.One<RunInstruction>("RUN <<-EOF\n#!/bin/python\n\tprint(1)\n\tEOF\n");

        Assert.Equal(new RunForm.Script("EOF", "#!/bin/python\nprint(1)\n"), run.Form);
    }

    [Fact]
    public void Heredocs_with_a_command_are_handed_to_the_shell_as_written()
    {
        RunInstruction run = Read.One<RunInstruction>("RUN cat <<A 3<<-B > x\na\nA\n\tb\n\tB\n");

        Assert.Equal(new RunForm.Shell("cat <<A 3<<-B > x\na\nA\n\tb\nB"), run.Form);
        Assert.Equal([0, 3], run.Heredocs.Select(heredoc => heredoc.FileDescriptor));
    }

    [Theory]
    [InlineData("<<EOF", "EOF", true)]
    [InlineData("<<'EOF'", "EOF", false)]
    [InlineData("<<\"EOF\"", "EOF", false)]
    [InlineData("<<E\"O\"F", "EOF", false)]
    [InlineData("<<\\EOF", "EOF", true)]
    [InlineData("<< -EOF", "-EOF", true)]
    [InlineData("<<- 'two words'", "two words", false)]
    [InlineData("<<-$X", "$X", true)]
    public void Quoting_any_part_of_the_name_turns_expansion_off(string word, string name, bool expand)
    {
        Heredoc heredoc = HeredocFinder.FromWord(word)!;

        Assert.Equal(name, heredoc.Name);
        Assert.Equal(expand, heredoc.Expand);
    }

    [Theory]
    [InlineData("RUN echo $((1<<2))")]
    [InlineData("RUN echo $((1 << 2))")]
    [InlineData("RUN cat <<<word")]
    [InlineData("RUN [\"cat\", \"<<EOF\"]")]
    [InlineData("RUN echo 'a <<EOF'")]
    [InlineData("CMD cat <<EOF")]
    [InlineData("RUN x<<EOF")]
    public void Not_everything_with_two_angles_is_a_heredoc(string line)
    {
        DockerfileSyntax file = Read.File($"FROM scratch\n{line}\nRUN next\n");

        Assert.Equal(2, file.Stages[0].Instructions.Length);
    }

    [Fact]
    public void Copy_takes_heredocs_as_files()
    {
        CopyInstruction copy = Read.One<CopyInstruction>("COPY --chmod=755 a <<one <<-'two' /dir/\n$X\none\n\t$Y\ntwo\n");

        Assert.Equal(["a"], copy.Sources);
        Assert.Equal("/dir/", copy.Destination);
        Assert.Equal(["$X\n", "$Y\n"], copy.Heredocs.Select(heredoc => heredoc.Body));
        Assert.Equal([true, false], copy.Heredocs.Select(heredoc => heredoc.Expand));
    }

    [Fact]
    public void White_space_may_stand_in_front_of_the_name()
    {
        RunInstruction run = Read.One<RunInstruction>("RUN cat <<-  EOF  > x\na\n\tEOF\n");
        CopyInstruction copy = Read.One<CopyInstruction>("COPY << EOF /x\na\nEOF\n");

        Assert.Equal("EOF", Assert.Single(run.Heredocs).Name);
        Assert.Equal("a\n", Assert.Single(copy.Heredocs).Body);
        Assert.Empty(copy.Sources);
    }

    [Fact]
    public void Two_heredocs_of_one_name_keep_their_own_bodies()
    {
        CopyInstruction copy = Read.One<CopyInstruction>("COPY <<E <<E /dir/\na\nE\nb\nE\n");

        Assert.Equal(["a\n", "b\n"], copy.Heredocs.Select(heredoc => heredoc.Body));
    }

    [Fact]
    public void A_heredoc_keeps_carriage_returns_in_its_body_but_not_in_its_terminator()
    {
        Assert.Equal("a\r\n", Assert.Single(Read.One<RunInstruction>("RUN <<E\r\na\r\nE\r\n").Heredocs).Content);
    }

    [Fact]
    public void A_heredoc_cannot_be_a_destination()
    {
        Assert.Contains("COPY cannot accept a heredoc as a destination", Read.Error("FROM a\nCOPY x <<E\nE\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unterminated_heredoc_does_not_hide_what_follows()
    {
        IReadOnlyList<DockerfileError> errors = Read.Errors("FROM a\nRUN <<EOF\necho\nEOF2\nCOPY x\n");

        Assert.Equal("unterminated heredoc", errors[0].Message);
        Assert.Equal("end it with a line that holds only EOF", errors[0].Hint);
        Assert.Equal(5, errors[1].Range.StartLine);
    }

    [Fact]
    public void Onbuild_keeps_the_body_in_its_expression_and_it_can_be_read_back()
    {
        OnBuildInstruction onbuild = Read.One<OnBuildInstruction>("ONBUILD COPY <<E /x\nhello\nE\n");

        Assert.Equal("COPY <<E /x\nhello\nE", onbuild.Expression);
        Assert.True(DockerfileParser.TryParseTrigger(onbuild.Expression, out Instruction? trigger, out _));
        Assert.Equal("hello\n", Assert.Single(Assert.IsType<CopyInstruction>(trigger).Heredocs).Body);
    }
}

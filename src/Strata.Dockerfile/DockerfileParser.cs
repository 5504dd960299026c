using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>Reads Dockerfiles: the whole language, all problems of a file at once, nothing from any file system.</summary>
public static class DockerfileParser
{
    public static ParseResult Parse(string content, string fileName) => Parse(Encoding.UTF8.GetBytes(content), fileName);

    public static ParseResult Parse(ReadOnlyMemory<byte> content, string fileName)
    {
        var errors = new ErrorList();
        DockerfileText text = DockerfileText.Split(content.Span, fileName, errors);
        Directives directives = DirectiveReader.Read(text, errors, out int directiveLines);
        var reader = new StatementReader(text, directives.EscapeCharacter, directiveLines, errors);
        ImmutableArray<Statement> statements = reader.ReadAll();
        if (statements.IsEmpty && errors.Count == 0)
        {
            errors.Add(
                SourceRange.Line(Math.Max(1, text.Lines.Length)),
                content.IsEmpty ? "the Dockerfile cannot be empty" : "file with no instructions",
                "the least there can be is FROM scratch");
        }

        DockerfileSyntax dockerfile = Assemble(text, directives, statements, errors) with { Warnings = reader.Warnings };
        return errors.Count == 0 ? new ParseResult.Parsed(dockerfile) : new ParseResult.Failed(errors.ToImmutable(), dockerfile);
    }

    /// <summary>Reads one ONBUILD trigger out of an image's configuration.</summary>
    public static bool TryParseTrigger(
        string expression,
        [NotNullWhen(true)] out Instruction? trigger,
        out ImmutableArray<DockerfileError> problems)
    {
        var errors = new ErrorList();
        DockerfileText text = DockerfileText.Split(Encoding.UTF8.GetBytes(expression), "ONBUILD", errors);
        ImmutableArray<Statement> statements = new StatementReader(text, '\\', firstLine: 0, errors).ReadAll();
        trigger = null;
        if (statements.Length == 1)
        {
            trigger = new InstructionReader('\\', errors).Read(statements[0]);
        }
        else if (errors.Count == 0)
        {
            errors.Add(SourceRange.Line(1), "an ONBUILD trigger must be one instruction", null);
        }

        problems = errors.ToImmutable();
        trigger = problems.IsEmpty ? trigger : null;
        return trigger is not null;
    }

    private static DockerfileSyntax Assemble(
        DockerfileText text, Directives directives, ImmutableArray<Statement> statements, ErrorList errors)
    {
        var reader = new InstructionReader(directives.EscapeCharacter, errors);
        var globals = ImmutableArray.CreateBuilder<ArgInstruction>();
        var stages = ImmutableArray.CreateBuilder<Stage>();
        var body = ImmutableArray.CreateBuilder<Instruction>();
        FromInstruction? from = null;
        bool complained = false;
        int problemsBefore = errors.Count;
        foreach (Statement statement in statements)
        {
            switch (reader.Read(statement))
            {
                case null:
                    break;
                case FromInstruction next:
                    EndStage();
                    from = next;
                    break;
                case ArgInstruction arg when from is null:
                    globals.Add(arg);
                    break;
                case { } instruction when from is not null:
                    body.Add(instruction);
                    break;
                case { } instruction when !complained:
                    complained = true;
                    errors.Add(instruction.Range, "no build stage in current context", "only ARG may stand in front of the first FROM");
                    break;
            }
        }

        EndStage();
        if (stages.Count == 0 && errors.Count == problemsBefore && !statements.IsEmpty)
        {
            errors.Add(statements[^1].Range, "dockerfile contains no stages to build", "add a FROM");
        }

        return new DockerfileSyntax
        {
            Text = text,
            Directives = directives,
            GlobalArgs = globals.ToImmutable(),
            Stages = stages.ToImmutable(),
            Warnings = [],
        };

        void EndStage()
        {
            if (from is null)
            {
                return;
            }

            stages.Add(new Stage
            {
                Index = stages.Count,
                Name = from.Alias?.ToLowerInvariant(),
                From = from,
                Instructions = body.ToImmutable(),
            });
            body.Clear();
        }
    }
}

using System.Collections.Immutable;
using Strata.Testing;

namespace Strata.Dockerfile.Tests;

public sealed class GoldenTreeTests
{
    [Fact]
    public void Every_golden_syntax_tree_is_reproduced()
    {
        string[] folders = Directory.GetDirectories(TestData.Path("buildkit-language", "parser", "testfiles"));
        foreach (string folder in folders)
        {
            (ImmutableArray<Statement> statements, ErrorList errors) = ReadStatements(Path.Combine(folder, "Dockerfile"));

            Assert.Equal(0, errors.Count);
            string expected = File.ReadAllText(Path.Combine(folder, "result"));
            Assert.True(
                expected.Trim() == SyntaxDump.Dump(statements).Trim(),
                $"{Path.GetFileName(folder)}\nexpected\n{expected}\nactual\n{SyntaxDump.Dump(statements)}");
        }

        Assert.Equal(33, folders.Length);
    }

    [Fact]
    public void Every_malformed_file_is_refused()
    {
        string[] folders = Directory.GetDirectories(TestData.Path("buildkit-language", "parser", "testfiles-negative"));
        foreach (string folder in folders)
        {
            byte[] content = File.ReadAllBytes(Path.Combine(folder, "Dockerfile"));
            Assert.IsType<ParseResult.Failed>(DockerfileParser.Parse(content, "Dockerfile"));
        }

        Assert.Equal(4, folders.Length);
    }

    [Fact]
    public void Statements_know_their_lines()
    {
        (ImmutableArray<Statement> statements, _) =
            ReadStatements(TestData.Path("buildkit-language", "parser", "testfile-line", "Dockerfile"));

        Assert.Equal(
            [new SourceRange(5, 5), new SourceRange(11, 12), new SourceRange(17, 31)],
            statements.Select(statement => statement.Range));
    }

    private static (ImmutableArray<Statement> Statements, ErrorList Errors) ReadStatements(string path)
    {
        var errors = new ErrorList();
        DockerfileText text = DockerfileText.Split(File.ReadAllBytes(path), "Dockerfile", errors);
        Directives directives = DirectiveReader.Read(text, errors, out int lines);
        return (new StatementReader(text, directives.EscapeCharacter, lines, errors).ReadAll(), errors);
    }
}

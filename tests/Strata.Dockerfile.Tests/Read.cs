namespace Strata.Dockerfile.Tests;

/// <summary>Short ways to parse in tests.</summary>
internal static class Read
{
    public static DockerfileSyntax File(string content) =>
        DockerfileParser.Parse(content, "Dockerfile") switch
        {
            ParseResult.Parsed parsed => parsed.Dockerfile,
            ParseResult.Failed failed => throw new InvalidOperationException(string.Join('\n', failed.Errors.Select(e => e.Format("Dockerfile")))),
            _ => throw new InvalidOperationException(),
        };

    /// <summary>The first instruction behind <c>FROM scratch</c>.</summary>
    public static T One<T>(string content)
        where T : Instruction => Assert.IsType<T>(File("FROM scratch\n" + content).Stages[0].Instructions[0]);

    public static IReadOnlyList<DockerfileError> Errors(string content) =>
        Assert.IsType<ParseResult.Failed>(DockerfileParser.Parse(content, "Dockerfile")).Errors;

    /// <summary>The only error of a file, formatted.</summary>
    public static string Error(string content) => Assert.Single(Errors(content)).Format("Dockerfile");
}

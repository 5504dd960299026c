using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>The ARGs in front of the first FROM, with the values they have when nobody gives others.</summary>
internal sealed class GlobalScope
{
    private static readonly ImmutableDictionary<string, string> Automatic = new Dictionary<string, string>
    {
        // The values only stand for something valid: which platform a build is for does not change the lint.
        ["BUILDPLATFORM"] = "linux/amd64",
        ["BUILDOS"] = "linux",
        ["BUILDOSVERSION"] = "",
        ["BUILDARCH"] = "amd64",
        ["BUILDVARIANT"] = "",
        ["TARGETPLATFORM"] = "linux/amd64",
        ["TARGETOS"] = "linux",
        ["TARGETOSVERSION"] = "",
        ["TARGETARCH"] = "amd64",
        ["TARGETVARIANT"] = "",
        ["TARGETSTAGE"] = "default",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _values = new(Automatic, StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(Automatic.Keys, StringComparer.Ordinal);

    private GlobalScope()
    {
    }

    /// <summary>Declared in the file or automatic.</summary>
    public IReadOnlySet<string> Names => _names;

    public static GlobalScope Of(DockerfileSyntax dockerfile)
    {
        var scope = new GlobalScope();
        foreach (ArgDeclaration declaration in dockerfile.GlobalArgs.SelectMany(arg => arg.Declarations))
        {
            scope._names.Add(declaration.Name);
            if (declaration.Default is not null)
            {
                scope._values[declaration.Name] = scope.Expand(declaration.Default, dockerfile.Directives.EscapeCharacter).Text;
            }
        }

        return scope;
    }

    public ExpansionResult Expand(string word, char escape) => Expansion.Expand(word, name => _values.GetValueOrDefault(name), escape);
}

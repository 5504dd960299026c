namespace Strata.Cli.Templates;

/// <summary>A format as docker takes it: Go's text/template with docker's functions, over <see cref="Value"/>.</summary>
internal sealed class Template
{
    private const int LongestText = 64 * 1024;
    private readonly IReadOnlyList<TemplateNode> _nodes;

    private Template(IReadOnlyList<TemplateNode> nodes) => _nodes = nodes;

    /// <param name="text">The template.</param>
    /// <param name="escapes">Between actions <c>\t</c> and <c>\n</c> are a tab and a new line, as docker has it for lists.</param>
    /// <exception cref="TemplateException">It can't be read.</exception>
    public static Template Parse(string text, bool escapes = false) => text.Length > LongestText
        ? throw new TemplateException(LongestText, $"a template may have {LongestText} characters")
        : new Template(TemplateParser.Parse(text, escapes));

    /// <exception cref="TemplateException">It asks for what <paramref name="data"/> has not.</exception>
    public string Fill(Value data) => new TemplateRun(data).Fill(_nodes);
}

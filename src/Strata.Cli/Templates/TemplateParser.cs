using System.Globalization;
using Strata.Host;

namespace Strata.Cli.Templates;

/// <summary>Makes the tree of a template; variables and functions that there are not are found here.</summary>
internal sealed class TemplateParser
{
    private const int DeepestNesting = 60;
    private static readonly string[] Unsupported = ["define", "template", "block"];
    private readonly List<Token> _tokens;
    private readonly List<string> _variables = ["$"];
    private int _next;
    private int _depth;
    private int _ranges;

    private TemplateParser(List<Token> tokens) => _tokens = tokens;

    private Token Current => _tokens[_next];

    public static IReadOnlyList<TemplateNode> Parse(string text, bool escapes)
    {
        var parser = new TemplateParser(TemplateLexer.Read(text, escapes));
        var nodes = parser.Nodes(out var end);
        return end is { } word ? throw new TemplateException(word.At, $"{{{{{word.Text}}}}} belongs to no if, range or with") : nodes;
    }

    /// <summary>Up to the template's end, or to an <c>else</c> or <c>end</c>, which is read.</summary>
    private List<TemplateNode> Nodes(out Token? end)
    {
        var nodes = new List<TemplateNode>();
        while (true)
        {
            var token = Take();
            switch (token.Kind)
            {
                case TokenKind.Text:
                    if (token.Text.Length > 0)
                    {
                        nodes.Add(new TemplateNode.Verbatim(token.Text));
                    }
                    break;
                case TokenKind.End:
                    end = null;
                    return nodes;
                default:
                    if (Current is { Kind: TokenKind.Word, Text: "else" or "end" } word)
                    {
                        Take();
                        end = word;
                        return nodes;
                    }
                    nodes.Add(Action());
                    break;
            }
        }
    }

    private TemplateNode Action()
    {
        var word = Current;
        if (word.Kind != TokenKind.Word)
        {
            return Plain();
        }
        switch (word.Text)
        {
            case "if" or "with" or "range":
                Take();
                return Block(word);
            case "break" or "continue":
                Take();
                if (_ranges == 0)
                {
                    throw new TemplateException(word.At, $"{{{{{word.Text}}}}} stands in no range");
                }
                Close();
                return word.Text == "break" ? new TemplateNode.Break() : new TemplateNode.Continue();
            default:
                return Unsupported.Contains(word.Text)
                    ? throw new TemplateException(word.At, $"{word.Text} is not known here: a format is one template")
                    : Plain();
        }
    }

    private TemplateNode.Action Plain()
    {
        var pipeline = Pipeline(mostVariables: 1);
        Close();
        return new TemplateNode.Action(pipeline);
    }

    private TemplateNode Block(Token word)
    {
        Enter(word.At);
        var scope = _variables.Count;
        var isRange = word.Text == "range";
        var pipeline = Pipeline(mostVariables: isRange ? 2 : 1);
        Close();
        _ranges += isRange ? 1 : 0;
        var then = Nodes(out var end);
        _ranges -= isRange ? 1 : 0;
        IReadOnlyList<TemplateNode> otherwise = end is { Text: "else" } ? Else(word) : [];
        if (end is null)
        {
            throw new TemplateException(word.At, $"{{{{{word.Text}}}}} is not closed by {{{{end}}}}");
        }
        if (end is { Text: "end" })
        {
            Close();
        }
        _variables.RemoveRange(scope, _variables.Count - scope);
        _depth--;
        return word.Text switch
        {
            "if" => new TemplateNode.If(pipeline, then, otherwise),
            "with" => new TemplateNode.With(pipeline, then, otherwise),
            _ => new TemplateNode.Range(pipeline, then, otherwise),
        };
    }

    private IReadOnlyList<TemplateNode> Else(Token opener)
    {
        // {{else if …}} takes the place of {{else}}{{if …}}…{{end}} and shares its end.
        if (Current is { Kind: TokenKind.Word, Text: "if" or "with" } chained)
        {
            Take();
            return opener.Text == chained.Text ? [Block(chained)] : throw new TemplateException(chained.At, $"else {chained.Text} belongs to {chained.Text}, not to {opener.Text}");
        }
        Close();
        var nodes = Nodes(out var end);
        if (end is not { Text: "end" })
        {
            throw new TemplateException(end?.At ?? opener.At, end is null ? $"{{{{{opener.Text}}}}} is not closed by {{{{end}}}}" : "there is one {{else}} already");
        }
        Close();
        return nodes;
    }

    private Pipeline Pipeline(int mostVariables)
    {
        var at = Current.At;
        var names = new List<string>();
        var declares = false;
        if (Current.Kind == TokenKind.Variable && _tokens[_next + 1].Kind is TokenKind.Declare or TokenKind.Assign or TokenKind.Comma)
        {
            names.Add(Take().Text);
            if (Current.Kind == TokenKind.Comma)
            {
                Take();
                names.Add(Current.Kind == TokenKind.Variable && mostVariables > 1 ? Take().Text : throw Unexpected("a second variable is only for range"));
            }
            declares = Take() switch
            {
                { Kind: TokenKind.Declare } => true,
                { Kind: TokenKind.Assign } => false,
                var other => throw new TemplateException(other.At, "behind a variable := or = is expected"),
            };
        }
        var calls = new List<Call> { Call(isFirst: true) };
        while (Current.Kind == TokenKind.Pipe)
        {
            Take();
            calls.Add(Call(isFirst: false));
        }
        foreach (var name in names)
        {
            if (declares)
            {
                _variables.Add(name);
            }
            else
            {
                Known(name, at);
            }
        }
        return new Pipeline(at, names, declares, calls);
    }

    private Call Call(bool isFirst)
    {
        var words = new List<Operand>();
        while (Current.Kind is not (TokenKind.Close or TokenKind.Pipe or TokenKind.CloseParenthesis or TokenKind.End))
        {
            if (words.Count > 0 && Current.Glued)
            {
                throw Unexpected("a blank is missing before it");
            }
            words.Add(Word());
        }
        return words switch
        {
            [] => throw new TemplateException(Current.At, "a value is missing here"),
            [Operand.Literal literal] when literal.Value is Value.Nothing || !isFirst => throw new TemplateException(literal.At, "this is no command"),
            _ => new Call(words),
        };
    }

    private Operand Word()
    {
        var token = Take();
        Operand word = token.Kind switch
        {
            TokenKind.Dot => new Operand.Dot(token.At),
            TokenKind.Field => new Operand.Field(token.At, new Operand.Dot(token.At), token.Text),
            TokenKind.Variable => Known(token.Text, token.At),
            TokenKind.String => new Operand.Literal(token.At, token.Text),
            TokenKind.Number => new Operand.Literal(token.At, Number(token)),
            TokenKind.OpenParenthesis => Nested(token),
            TokenKind.Word => Named(token),
            _ => throw new TemplateException(token.At, $"'{token.Text}' is not expected here"),
        };
        while (Current is { Kind: TokenKind.Field, Glued: true })
        {
            if (word is Operand.Literal or Operand.Function)
            {
                throw new TemplateException(Current.At, $"'{token.Text}' has no fields");
            }
            var field = Take();
            word = new Operand.Field(field.At, word, field.Text);
        }
        return word;
    }

    private Operand.Nested Nested(Token open)
    {
        Enter(open.At);
        var pipeline = Pipeline(mostVariables: 0);
        if (pipeline.Variables.Count > 0)
        {
            throw new TemplateException(pipeline.At, "a variable can't be set in parentheses");
        }
        if (Take().Kind != TokenKind.CloseParenthesis)
        {
            throw new TemplateException(open.At, "( is not closed by )");
        }
        _depth--;
        return new Operand.Nested(open.At, pipeline);
    }

    private static Operand Named(Token word) => word.Text switch
    {
        "true" or "false" => new Operand.Literal(word.At, word.Text == "true"),
        "nil" => new Operand.Literal(word.At, Value.None),
        _ when TemplateFunctions.Exists(word.Text) => new Operand.Function(word.At, word.Text),
        _ => throw new TemplateException(word.At, NearestWord.To(word.Text, TemplateFunctions.Names) is { } meant
            ? $"there is no function {word.Text}; did you mean {meant}?"
            : $"there is no function {word.Text}; known are {string.Join(", ", TemplateFunctions.Names.Order(StringComparer.Ordinal))} (a field begins with a dot: .{word.Text})"),
    };

    private static Value Number(Token token)
    {
        var text = token.Text.Replace("_", "", StringComparison.Ordinal);
        var isNegative = text.StartsWith('-');
        var digits = text.TrimStart('+', '-');
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal))
        {
            return isNegative ? -hexadecimal : hexadecimal;
        }
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return whole;
        }
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? new Value.Real(real)
            : throw new TemplateException(token.At, $"'{token.Text}' is no number");
    }

    private Operand.Variable Known(string name, int at) => _variables.Contains(name)
        ? new Operand.Variable(at, name)
        : throw new TemplateException(at, NearestWord.To(name, _variables.Skip(1)) is { } meant ? $"there is no variable {name}; did you mean {meant}?" : $"there is no variable {name}");

    private void Enter(int at)
    {
        if (++_depth > DeepestNesting)
        {
            throw new TemplateException(at, $"more than {DeepestNesting} blocks and parentheses inside one another are not taken");
        }
    }

    private void Close()
    {
        if (Current.Kind != TokenKind.Close)
        {
            throw Unexpected("}} is expected");
        }
        Take();
    }

    private TemplateException Unexpected(string expected) => new(Current.At, Current.Kind == TokenKind.End ? expected : $"'{Current.Text}' is not expected here: {expected}");

    private Token Take() => _tokens[_next].Kind == TokenKind.End ? _tokens[_next] : _tokens[_next++];
}

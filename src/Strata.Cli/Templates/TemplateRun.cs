using System.Text;
using Strata.Host;

namespace Strata.Cli.Templates;

/// <summary>One filling of a template. What it may do is bounded: a template may come from anywhere, and ranges multiply.</summary>
internal sealed class TemplateRun(Value data)
{
    private const int MostSteps = 2_000_000;
    private const int LongestResult = 16 * 1024 * 1024;

    // What a function is given it reads and copies, so long texts take steps too.
    private const int CharactersOfAStep = 32;
    private readonly List<(string Name, Value Value)> _variables = [("$", data)];
    private readonly StringBuilder _result = new();
    private int _steps;

    private enum Flow
    {
        Goes,
        Breaks,
        Continues,
    }

    public string Fill(IReadOnlyList<TemplateNode> nodes)
    {
        Run(nodes, _variables[0].Value);
        return _result.ToString();
    }

    public static bool IsTrue(Value value) => value switch
    {
        Value.Text(var content) => content.Length > 0,
        Value.Whole(var number) => number != 0,
        Value.Real(var number) => number != 0,
        Value.Truth(var isTrue) => isTrue,
        Value.List(var items) => items.Count > 0,
        Value.Map(var entries) => entries.Count > 0,
        Value.Fields => true,
        _ => false,
    };

    private Flow Run(IReadOnlyList<TemplateNode> nodes, Value dot)
    {
        foreach (var node in nodes)
        {
            var flow = Run(node, dot);
            if (flow != Flow.Goes)
            {
                return flow;
            }
        }
        return Flow.Goes;
    }

    private Flow Run(TemplateNode node, Value dot)
    {
        switch (node)
        {
            case TemplateNode.Verbatim(var text):
                Append(text, 0);
                return Flow.Goes;
            case TemplateNode.Action(var pipeline):
                var value = Evaluate(pipeline, dot);
                if (pipeline.Variables.Count == 0)
                {
                    Append(ValueText.Printed(value), pipeline.At);
                }
                return Flow.Goes;
            case TemplateNode.If(var condition, var then, var otherwise):
                return InScope(() => Run(IsTrue(Evaluate(condition, dot)) ? then : otherwise, dot));
            case TemplateNode.With(var subject, var then, var otherwise):
                return InScope(() => Evaluate(subject, dot) is var with && IsTrue(with) ? Run(then, with) : Run(otherwise, dot));
            case TemplateNode.Range range:
                return InScope(() => Run(range, dot));
            default:
                return node is TemplateNode.Break ? Flow.Breaks : Flow.Continues;
        }
    }

    private Flow Run(TemplateNode.Range range, Value dot)
    {
        var none = true;
        foreach (var (key, item) in Items(Evaluate(range.Subject with { Variables = [] }, dot), range.Subject.At))
        {
            none = false;
            Step(range.Subject.At);
            var flow = InScope(() =>
            {
                Set(range.Subject, item, key);
                return Run(range.Each, item);
            });
            if (flow == Flow.Breaks)
            {
                break;
            }
        }
        return none ? Run(range.Else, dot) : Flow.Goes;
    }

    private static IEnumerable<(Value Key, Value Item)> Items(Value subject, int at) => subject switch
    {
        Value.List(var items) => items.Select((item, index) => ((Value)(long)index, item)),
        Value.Map(var entries) => entries.Select(entry => ((Value)entry.Key, entry.Value)),
        Value.Whole(var count) => Numbers(count),
        Value.Nothing => [],
        _ => throw new TemplateException(at, $"range goes over a list or a map, not over {ValueText.KindOf(subject)}"),
    };

    private static IEnumerable<(Value Key, Value Item)> Numbers(long count)
    {
        for (long number = 0; number < count; number++)
        {
            yield return (number, number);
        }
    }

    private Flow InScope(Func<Flow> run)
    {
        var scope = _variables.Count;
        var flow = run();
        _variables.RemoveRange(scope, _variables.Count - scope);
        return flow;
    }

    private Value Evaluate(Pipeline pipeline, Value dot)
    {
        Step(pipeline.At);
        Value? result = null;
        foreach (var call in pipeline.Calls)
        {
            result = Evaluate(call, dot, result);
        }
        if (pipeline.Variables.Count > 0)
        {
            Set(pipeline, result!, null);
        }
        return result!;
    }

    private void Set(Pipeline pipeline, Value value, Value? key)
    {
        var values = pipeline.Variables.Count == 2 ? [key!, value] : new[] { value };
        foreach (var (name, given) in pipeline.Variables.Zip(values))
        {
            if (pipeline.Declares)
            {
                _variables.Add((name, given));
            }
            else
            {
                _variables[_variables.FindLastIndex(variable => variable.Name == name)] = (name, given);
            }
        }
    }

    private Value Evaluate(Call call, Value dot, Value? piped)
    {
        var first = call.Words[0];
        if (first is not Operand.Function(var at, var name))
        {
            return call.Words.Count == 1 && piped is null
                ? Evaluate(first, dot)
                : throw new TemplateException(first.At, "this is no function, and takes no arguments");
        }
        Step(at);
        return name is "and" or "or" ? Either(call, dot, piped, endsAt: name == "or") : Call(name, at, [.. Arguments(call, dot, piped)]);
    }

    private Value Call(string name, int at, Value[] arguments)
    {
        var size = arguments.Sum(ValueText.SizeOf);
        if (size > LongestResult)
        {
            throw new TemplateException(at, $"{name} is given more than {LongestResult} characters");
        }
        Step(at, 1 + (int)(size / CharactersOfAStep));
        return TemplateFunctions.Call(name, at, arguments);
    }

    private IEnumerable<Value> Arguments(Call call, Value dot, Value? piped)
    {
        var given = call.Words.Skip(1).Select(word => Evaluate(word, dot));
        return piped is null ? given : given.Append(piped);
    }

    /// <summary><c>and</c> and <c>or</c> evaluate no more than they must, as in Go.</summary>
    private Value Either(Call call, Value dot, Value? piped, bool endsAt)
    {
        Value? last = null;
        foreach (var argument in Arguments(call, dot, piped))
        {
            last = argument;
            if (IsTrue(argument) == endsAt)
            {
                break;
            }
        }
        return last ?? throw new TemplateException(call.Words[0].At, "and, or take a value at least");
    }

    private Value Evaluate(Operand operand, Value dot)
    {
        Step(operand.At);
        return operand switch
        {
            Operand.Literal literal => literal.Value,
            Operand.Dot => dot,
            Operand.Variable variable => _variables[_variables.FindLastIndex(known => known.Name == variable.Name)].Value,
            Operand.Nested nested => Evaluate(nested.Pipeline, dot),
            Operand.Field field => FieldsOf(field, dot),
            Operand.Function function => Call(function.Name, function.At, []),
            _ => throw new InvalidOperationException($"An unknown word: {operand}"),
        };
    }

    // In a loop: a chain of fields may be as long as the template.
    private Value FieldsOf(Operand.Field last, Value dot)
    {
        var fields = new Stack<Operand.Field>();
        Operand of = last;
        for (; of is Operand.Field field; of = field.Of)
        {
            fields.Push(field);
        }
        return fields.Aggregate(Evaluate(of, dot), FieldOf);
    }

    private static Value FieldOf(Value of, Operand.Field field) => of switch
    {
        Value.Fields fields => fields.Find(field.Name) ?? throw NoField(field.At, field.Name, fields),
        Value.Map(var entries) => entries.GetValueOrDefault(field.Name) ?? Value.None,
        Value.Nothing => throw new TemplateException(field.At, $"there is nothing that could have a field .{field.Name}"),
        _ => throw new TemplateException(field.At, $"{ValueText.KindOf(of)} has no field .{field.Name}"),
    };

    internal static TemplateException NoField(int at, string name, Value.Fields fields)
    {
        // A slip in the case alone is the most frequent of all.
        var meant = fields.Names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? NearestWord.To(name, fields.Names);
        return new TemplateException(at, meant is null
            ? $"there is no .{name} here; known are {string.Join(", ", fields.Names.Select(known => "." + known))}"
            : $"there is no .{name} here; did you mean .{meant}?");
    }

    private void Append(string text, int at)
    {
        if (_result.Length + text.Length > LongestResult)
        {
            throw new TemplateException(at, $"the result has more than {LongestResult} characters");
        }
        _result.Append(text);
    }

    private void Step(int at, int count = 1)
    {
        _steps += count;
        if (_steps > MostSteps)
        {
            throw new TemplateException(at, $"the template takes more than {MostSteps} steps");
        }
    }
}

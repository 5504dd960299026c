using System.Text;

namespace Strata.Cli.Templates;

/// <summary>index and slice of Go's templates.</summary>
internal static class Indexing
{
    public static Value At(int at, Value of, Value key) => (of, key) switch
    {
        (Value.List(var items), Value.Whole(var number)) => number >= 0 && number < items.Count
            ? items[(int)number]
            : throw new TemplateException(at, $"the list has {items.Count} values; number {number} (counted from 0) is not one of them"),
        // A key that is not there gives Go's zero value, which for texts is the empty one.
        (Value.Map(var entries), Value.Text(var name)) => entries.GetValueOrDefault(name) ?? (entries.Values.All(value => value is Value.Text) ? "" : Value.None),
        (Value.Fields fields, Value.Text(var name)) => fields.Find(name) ?? throw TemplateRun.NoField(at, name, fields),
        (Value.Text(var content), Value.Whole(var number)) when Encoding.UTF8.GetBytes(content) is var bytes => number >= 0 && number < bytes.Length
            ? bytes[number]
            : throw new TemplateException(at, $"the text has {bytes.Length} bytes; number {number} (counted from 0) is not one of them"),
        _ => throw new TemplateException(at, $"{ValueText.KindOf(of)} can't be indexed with {ValueText.KindOf(key)}"),
    };

    /// <param name="at">Where it is called.</param>
    /// <param name="arguments">What is sliced, and up to two bounds.</param>
    public static Value Slice(int at, Value[] arguments)
    {
        var bytes = arguments[0] is Value.Text(var content) ? Encoding.UTF8.GetBytes(content) : null;
        var count = arguments[0] switch
        {
            Value.Text => bytes!.Length,
            Value.List(var items) => items.Count,
            _ => throw new TemplateException(at, $"{ValueText.KindOf(arguments[0])} can't be sliced"),
        };
        var from = Bound(at, arguments, 1, 0, count);
        var to = Bound(at, arguments, 2, count, count);
        if (from > to)
        {
            throw new TemplateException(at, $"a slice from {from} to {to} goes backwards");
        }
        return arguments[0] is Value.List list ? Value.Of(list.Items.Skip(from).Take(to - from)) : Encoding.UTF8.GetString(bytes!, from, to - from);
    }

    private static int Bound(int at, Value[] arguments, int number, int otherwise, int most) => arguments.Length <= number
        ? otherwise
        : arguments[number] is Value.Whole(>= 0 and var bound) && bound <= most ? (int)bound : throw new TemplateException(at, $"a slice begins and ends from 0 to {most} here");
}

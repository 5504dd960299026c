namespace Strata.Cli.Templates;

/// <summary>eq and lt of Go's templates: a text is never equal to a number, it is an error to ask. Unlike Go a whole number and a broken one are compared.</summary>
internal static class Comparison
{
    public static bool AreEqual(int at, Value x, Value y) => (x, y) switch
    {
        (Value.Nothing, _) or (_, Value.Nothing) => x is Value.Nothing && y is Value.Nothing,
        (Value.Text(var a), Value.Text(var b)) => a == b,
        (Value.Whole(var a), Value.Whole(var b)) => a == b,
        (Value.Whole or Value.Real, Value.Whole or Value.Real) => Number(x) == Number(y),
        (Value.Truth(var a), Value.Truth(var b)) => a == b,
        _ => throw Incomparable(at, x, y),
    };

    public static int Order(int at, Value x, Value y) => (x, y) switch
    {
        (Value.Text(var a), Value.Text(var b)) => string.CompareOrdinal(a, b),
        (Value.Whole(var a), Value.Whole(var b)) => a.CompareTo(b),
        (Value.Whole or Value.Real, Value.Whole or Value.Real) => Number(x).CompareTo(Number(y)),
        _ => throw Incomparable(at, x, y),
    };

    private static double Number(Value value) => value is Value.Whole(var whole) ? whole : ((Value.Real)value).Number;

    private static TemplateException Incomparable(int at, Value x, Value y) =>
        new(at, $"{ValueText.KindOf(x)} can't be compared with {ValueText.KindOf(y)}");
}

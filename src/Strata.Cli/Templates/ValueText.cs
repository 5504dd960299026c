using System.Globalization;
using System.Text;

namespace Strata.Cli.Templates;

/// <summary>A value as Go prints it with <c>%v</c>, and what Go calls its type.</summary>
internal static class ValueText
{
    /// <summary>As the result of an action; nothing is <c>&lt;no value&gt;</c> there, and <c>&lt;nil&gt;</c> inside of something.</summary>
    public static string Printed(Value value) => value is Value.Nothing ? "<no value>" : Of(value);

    public static string Of(Value value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    /// <summary>About how many characters it has as a text.</summary>
    public static long SizeOf(Value value) => value switch
    {
        Value.Text(var content) => content.Length,
        Value.List(var items) => items.Sum(item => 1 + SizeOf(item)),
        Value.Map(var entries) => entries.Sum(entry => 1 + entry.Key.Length + SizeOf(entry.Value)),
        Value.Fields(var entries) => entries.Sum(entry => 1 + entry.Key.Length + SizeOf(entry.Value)),
        _ => 1,
    };

    public static string TypeOf(Value value) => value switch
    {
        Value.Text => "string",
        Value.Whole => "int",
        Value.Real => "float64",
        Value.Truth => "bool",
        Value.List => "[]interface {}",
        Value.Map => "map[string]interface {}",
        Value.Fields => "struct",
        _ => "<nil>",
    };

    /// <summary>What people call it, with its article.</summary>
    public static string KindOf(Value value) => value switch
    {
        Value.Text => "a text",
        Value.Whole or Value.Real => "a number",
        Value.Truth => "true or false",
        Value.List => "a list",
        Value.Map => "a map",
        Value.Fields => "an object",
        _ => "nothing",
    };

    /// <summary>Go's %g in its shortest form: numbers below 0.0001 and from a million on have an exponent.</summary>
    public static string Shortest(double number)
    {
        if (double.IsNaN(number))
        {
            return "NaN";
        }
        if (double.IsInfinity(number))
        {
            return number > 0 ? "+Inf" : "-Inf";
        }
        if (number == 0)
        {
            return double.IsNegative(number) ? "-0" : "0";
        }
        var scientific = number.ToString("E16", CultureInfo.InvariantCulture);
        var exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        return exponent is < -4 or >= 6 ? Exponential(shortest, exponent) : shortest;
    }

    private static string Exponential(string shortest, int exponent)
    {
        var digits = new string([.. shortest.TakeWhile(c => c != 'E').Where(char.IsAsciiDigit)]).TrimStart('0').TrimEnd('0');
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return string.Create(CultureInfo.InvariantCulture, $"{(shortest[0] == '-' ? "-" : "")}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    private static void Append(StringBuilder text, Value value)
    {
        switch (value)
        {
            case Value.Text(var content):
                text.Append(content);
                break;
            case Value.Whole(var number):
                text.Append(number);
                break;
            case Value.Real(var number):
                text.Append(Shortest(number));
                break;
            case Value.Truth(var isTrue):
                text.Append(isTrue ? "true" : "false");
                break;
            case Value.List(var items):
                AppendAll(text, "[", items, "]", Append);
                break;
            case Value.Map(var entries):
                AppendAll(text, "map[", entries, "]", static (into, entry) => Append(into.Append(entry.Key).Append(':'), entry.Value));
                break;
            case Value.Fields(var entries):
                AppendAll(text, "{", entries, "}", static (into, entry) => Append(into, entry.Value));
                break;
            default:
                text.Append("<nil>");
                break;
        }
    }

    private static void AppendAll<T>(StringBuilder text, string open, IEnumerable<T> items, string close, Action<StringBuilder, T> append)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst)
            {
                text.Append(' ');
            }
            isFirst = false;
            append(text, item);
        }
        text.Append(close);
    }
}

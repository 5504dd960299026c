using System.Globalization;
using System.Numerics;
using System.Text;

namespace Strata.Cli.Templates;

/// <summary>Go's printf (package fmt), for the values that templates have. What does not fit is said inside the text, as Go does.</summary>
internal static class Formatting
{
    private const int LargestNumber = 1000;

    /// <exception cref="TemplateException">The result has more characters than <paramref name="longest"/>.</exception>
    public static string Format(int place, string format, ReadOnlySpan<Value> arguments, int longest)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length;)
        {
            if (format[at] != '%')
            {
                text.Append(format[at++]);
                continue;
            }
            at++;
            var directive = Directive.Read(format, ref at, arguments, ref next);
            if (at >= format.Length)
            {
                text.Append("%!(NOVERB)");
                break;
            }
            var verb = format[at++];
            if (verb == '%')
            {
                text.Append('%');
            }
            else if (next >= arguments.Length)
            {
                text.Append("%!").Append(verb).Append("(MISSING)");
            }
            else
            {
                text.Append(Print(directive, verb, arguments[next++]));
            }
            if (text.Length > longest)
            {
                throw TemplateFunctions.TooLong(place, longest);
            }
        }
        if (next < arguments.Length)
        {
            var extra = new List<string>();
            foreach (var argument in arguments[next..])
            {
                extra.Add(argument is Value.Nothing ? "<nil>" : $"{ValueText.TypeOf(argument)}={ValueText.Of(argument)}");
            }
            text.Append("%!(EXTRA ").AppendJoin(", ", extra).Append(')');
        }
        return text.ToString();
    }

    private static string Print(Directive directive, char verb, Value value) => (value, verb) switch
    {
        (_, 'T') => directive.Pad(ValueText.TypeOf(value), isNumber: false),
        (Value.List(var items), not 'v') => "[" + string.Join(' ', items.Select(item => Print(directive, verb, item))) + "]",
        (Value.Map(var entries), not 'v') => "map[" + string.Join(' ', entries.Select(entry => Print(directive, verb, entry.Key) + ":" + Print(directive, verb, entry.Value))) + "]",
        (Value.Fields(var entries), not 'v') => "{" + string.Join(' ', entries.Select(entry => Print(directive, verb, entry.Value))) + "}",
        (Value.Text(var content), 's' or 'v') => directive.Pad(directive.Cut(content), isNumber: false),
        (Value.Text(var content), 'q') => directive.Pad(Quote(directive.Cut(content)), isNumber: false),
        (Value.Text(var content), 'x' or 'X') => directive.Pad(Hexadecimal(content, verb), isNumber: false),
        (Value.Truth(var isTrue), 't' or 'v') => directive.Pad(isTrue ? "true" : "false", isNumber: false),
        (Value.Whole(var number), 'd' or 'v') => directive.Pad(directive.Signed(number < 0, BigInteger.Abs(number).ToString(CultureInfo.InvariantCulture)), isNumber: true),
        (Value.Whole(var number), 'x' or 'X' or 'o' or 'b') => directive.Pad(directive.Signed(number < 0, InBase(BigInteger.Abs(number), verb)), isNumber: true),
        (Value.Whole(var number), 'c') when Rune.IsValid((int)Math.Clamp(number, int.MinValue, int.MaxValue)) => directive.Pad(new Rune((int)number).ToString(), isNumber: false),
        (Value.Whole(var number), 'q') when Rune.IsValid((int)Math.Clamp(number, int.MinValue, int.MaxValue)) => directive.Pad($"'{new Rune((int)number)}'", isNumber: false),
        (Value.Real(var number), 'f' or 'F' or 'e' or 'E' or 'g' or 'G' or 'v') => directive.Pad(directive.Signed(double.IsNegative(number), Floating(Math.Abs(number), verb, directive.Precision)), isNumber: true),
        (Value.Nothing, 'v') => directive.Pad("<nil>", isNumber: false),
        (Value.Nothing, _) => $"%!{verb}(<nil>)",
        (_, 'v') => directive.Pad(ValueText.Of(value), isNumber: false),
        _ => $"%!{verb}({ValueText.TypeOf(value)}={ValueText.Of(value)})",
    };

    private static string Floating(double number, char verb, int? precision)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "NaN" : "Inf";
        }
        var digits = precision ?? 6;
        return verb switch
        {
            'f' or 'F' => number.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            // .NET writes an exponent with three digits, Go with two.
            'e' or 'E' => number.ToString($"{(digits == 0 ? "0" : "0." + new string('0', digits))}{verb}+00", CultureInfo.InvariantCulture),
            _ when precision is null => ValueText.Shortest(number),
            _ => Significant(number, Math.Max(1, digits)),
        };
    }

    private static string Significant(double number, int digits)
    {
        var exponent = number == 0 ? 0 : (int)Math.Floor(Math.Log10(number));
        var text = exponent < -4 || exponent >= digits ? number.ToString($"0.{new string('#', digits - 1)}e+00", CultureInfo.InvariantCulture)
            : number.ToString("F" + Math.Max(0, digits - 1 - exponent).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) && !text.Contains('e', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    private static string InBase(BigInteger number, char verb)
    {
        var bits = verb switch { 'b' => 1, 'o' => 3, _ => 4 };
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, "0123456789abcdef"[(int)(number & ((1 << bits) - 1))]);
            number >>= bits;
        }
        while (!number.IsZero);
        return verb == 'X' ? digits.ToString().ToUpperInvariant() : digits.ToString();
    }

    private static string Hexadecimal(string content, char verb)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return verb == 'x' ? Convert.ToHexStringLower(bytes) : Convert.ToHexString(bytes);
    }

    private static string Quote(string content)
    {
        var text = new StringBuilder("\"");
        foreach (var c in content)
        {
            var known = "\n\t\r\a\b\f\v".IndexOf(c, StringComparison.Ordinal);
            if (c is '"' or '\\')
            {
                text.Append('\\').Append(c);
            }
            else if (known >= 0)
            {
                text.Append('\\').Append("ntrabfv"[known]);
            }
            else if (char.IsControl(c))
            {
                text.Append(c < 0x80 ? "\\x" : "\\u").Append(((int)c).ToString(c < 0x80 ? "x2" : "x4", CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append(c);
            }
        }
        return text.Append('"').ToString();
    }

    /// <summary>What stands between the per cent sign and the verb.</summary>
    private readonly record struct Directive(string Flags, int Width, int? Precision)
    {
        public static Directive Read(string format, ref int at, ReadOnlySpan<Value> arguments, ref int next)
        {
            var start = at;
            while (at < format.Length && format[at] is '+' or '-' or '#' or ' ' or '0')
            {
                at++;
            }
            var flags = format[start..at];
            var width = Number(format, ref at, arguments, ref next);
            if (width < 0)
            {
                flags += '-';
            }
            int? precision = null;
            if (at < format.Length && format[at] == '.')
            {
                at++;
                precision = Math.Max(0, Number(format, ref at, arguments, ref next));
            }
            return new Directive(flags, Math.Abs(width), precision);
        }

        public string Cut(string text) => Precision is { } most && most < text.Length ? text[..most] : text;

        public string Signed(bool isNegative, string digits) => isNegative ? "-" + digits : Flags.Contains('+') ? "+" + digits : Flags.Contains(' ') ? " " + digits : digits;

        public string Pad(string text, bool isNumber)
        {
            if (Flags.Contains('-'))
            {
                return text.PadRight(Width);
            }
            if (!Flags.Contains('0') || !isNumber)
            {
                return text.PadLeft(Width);
            }
            var sign = text[0] is '+' or '-' or ' ' ? 1 : 0;
            return text[..sign] + text[sign..].PadLeft(Math.Max(0, Width - sign), '0');
        }

        private static int Number(string format, ref int at, ReadOnlySpan<Value> arguments, ref int next)
        {
            if (at < format.Length && format[at] == '*')
            {
                at++;
                return next < arguments.Length && arguments[next++] is Value.Whole(var given) ? (int)Math.Clamp(given, -LargestNumber, LargestNumber) : 0;
            }
            var number = 0;
            while (at < format.Length && char.IsAsciiDigit(format[at]))
            {
                number = Math.Min(LargestNumber, (number * 10) + (format[at++] - '0'));
            }
            return number;
        }
    }
}

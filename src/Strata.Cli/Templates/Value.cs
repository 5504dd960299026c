namespace Strata.Cli.Templates;

/// <summary>What a template works on and <c>--format json</c> prints: JSON's values, with the differences that Go's templates make. A closed family.</summary>
internal abstract record Value
{
    private Value()
    {
    }

    public static Value None { get; } = new Nothing();

    /// <summary>Go's nil slice: prints as empty, is <c>null</c> as JSON.</summary>
    public static Value NoList { get; } = new List([]) { IsNil = true };

    /// <summary>Go's nil map.</summary>
    public static Value NoMap { get; } = new Map([]) { IsNil = true };

    public static implicit operator Value(string? text) => text is null ? None : new Text(text);

    public static implicit operator Value(long number) => new Whole(number);

    public static implicit operator Value(bool truth) => new Truth(truth);

    public static List Of(IEnumerable<Value> items) => new([.. items]);

    public static List Of(IEnumerable<string> items) => new([.. items.Select(item => (Value)item)]);

    public static Fields Of(params (string Name, Value Value)[] fields) => new([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);

    public sealed record Nothing : Value;

    public sealed record Text(string Content) : Value;

    public sealed record Whole(long Number) : Value;

    public sealed record Real(double Number) : Value;

    public sealed record Truth(bool Is) : Value;

    public sealed record List(IReadOnlyList<Value> Items) : Value
    {
        public bool IsNil { get; init; }
    }

    /// <summary>Free keys, as labels are: one that is not there is no error. Ordered by key.</summary>
    public sealed record Map(SortedDictionary<string, Value> Entries) : Value
    {
        public Map(IEnumerable<KeyValuePair<string, Value>> entries)
            : this(new SortedDictionary<string, Value>(StringComparer.Ordinal))
        {
            foreach (var (key, value) in entries)
            {
                Entries[key] = value;
            }
        }

        public bool IsNil { get; init; }
    }

    /// <summary>Known names in their order, as Go's struct: another name is a mistake.</summary>
    public sealed record Fields(IReadOnlyList<KeyValuePair<string, Value>> Entries) : Value
    {
        public IEnumerable<string> Names => Entries.Select(entry => entry.Key);

        public Value? Find(string name)
        {
            foreach (var (key, value) in Entries)
            {
                if (key == name)
                {
                    return value;
                }
            }
            return null;
        }
    }
}

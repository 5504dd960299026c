
namespace Strata.Build;

/// <summary>The build-time variables of a stage: what ENV and ARG gave, in the order the names first came; the latest value counts.</summary>
internal sealed class Variables
{
    private readonly OrderedDictionary<string, string> _values;

    public Variables() => _values = new(StringComparer.Ordinal);

    private Variables(Variables other) => _values = new(other._values, StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, string>> All => _values;

    public void Set(string name, string value) => _values[name] = value;

    public string? Find(string name) => _values.TryGetValue(name, out var value) ? value : null;

    public Variables Copy() => new(this);
}

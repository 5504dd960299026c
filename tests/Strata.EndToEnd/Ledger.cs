namespace Strata.EndToEnd;

/// <summary>
/// What strata has acknowledged, kept outside the store: for every name the images it may stand for. A command that ended well leaves one;
/// one that was killed leaves two, what was and what was to be.
/// </summary>
internal sealed class Ledger
{
    private const string Nothing = "";

    private readonly Dictionary<string, HashSet<string>> _allowed = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _allowed.Where(pair => !pair.Value.Contains(Nothing)).Select(pair => pair.Key).Order(StringComparer.Ordinal);

    /// <summary>The image a name certainly stands for; null when a kill left it open, or there is none.</summary>
    public string? Certain(string name) => _allowed.GetValueOrDefault(name) is { Count: 1 } one && one.First() is { Length: > 0 } image ? image : null;

    public void Set(string name, string? image, bool acknowledged)
    {
        var allowed = _allowed.TryGetValue(name, out var known) ? known : [Nothing];
        if (acknowledged)
        {
            allowed = [];
        }
        allowed.Add(image ?? Nothing);
        _allowed[name] = allowed;
    }

    /// <summary>Asserts that the store has what it may have, and takes that as what is.</summary>
    public void Settle(IReadOnlyDictionary<string, string> store, string when)
    {
        foreach (var (name, allowed) in _allowed)
        {
            var actual = store.GetValueOrDefault(name, Nothing);
            Assert.True(allowed.Contains(actual), $"{when}: {name} is '{actual}', and may only be: {string.Join(" or ", allowed.Select(image => $"'{image}'"))}");
            _allowed[name] = [actual];
        }
    }
}

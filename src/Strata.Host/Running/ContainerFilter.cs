using System.Globalization;
using Strata.Oci;

namespace Strata.Host.Running;

/// <summary>Docker's <c>ps --filter KEY=VALUE</c>: of one key's values one must fit, of each key one; of labels all.</summary>
public sealed class ContainerFilter
{
    private const string Keys = "id, name, label, status, exited, ancestor";
    private static readonly string[] States = ["created", "running", "exited", "dead"];
    private readonly ILookup<string, string> _wanted;

    private ContainerFilter(ILookup<string, string> wanted) => _wanted = wanted;

    /// <summary>It asks for containers that do not run, so that they are to be looked at too.</summary>
    public bool AsksForEnded => _wanted.Contains("status") || _wanted.Contains("exited");

    /// <exception cref="StrataException">A filter that is not known; the message says which are.</exception>
    public static ContainerFilter Parse(IEnumerable<string> texts) => new(texts.Select(Split).ToLookup(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));

    /// <param name="container">What is looked at.</param>
    /// <param name="find">The image that a name or id means; null: none.</param>
    public bool Fits(ContainerView container, Func<string, Digest?> find) => _wanted.All(wanted => wanted.Key switch
    {
        "id" => wanted.Any(value => container.Record.Id.StartsWith(value, StringComparison.Ordinal)),
        "name" => wanted.Any(value => container.Record.Name.Contains(value.TrimStart('/'), StringComparison.Ordinal)),
        "label" => wanted.All(value => HasLabel(container, value)),
        "status" => wanted.Contains(container.State),
        "exited" => container.Status.Exit is { } exit && wanted.Contains(exit.Code.ToString(CultureInfo.InvariantCulture)),
        _ => wanted.Any(value => find(value) == container.Record.Image),
    });

    private static (string Key, string Value) Split(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var (key, value) = equals < 0 ? (text, "") : (text[..equals], text[(equals + 1)..]);
        return (key, value) switch
        {
            _ when equals < 0 || value.Length == 0 => throw new StrataException($"'{text}' is no filter", $"--filter takes KEY=VALUE, where KEY is one of {Keys}"),
            ("status", _) when !States.Contains(value) => throw new StrataException($"'{value}' is no state of a container", $"--filter status= takes one of {string.Join(", ", States)}"),
            ("exited", _) when !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) =>
                throw new StrataException($"'{value}' is no exit code", "--filter exited= takes a number"),
            ("id" or "name" or "label" or "status" or "exited" or "ancestor", _) => (key, value),
            _ => throw new StrataException($"'{key}' can't be filtered by", $"--filter knows {Keys}"),
        };
    }

    private static bool HasLabel(ContainerView container, string wanted)
    {
        var equals = wanted.IndexOf('=', StringComparison.Ordinal);
        return container.Details.Labels.TryGetValue(equals < 0 ? wanted : wanted[..equals], out var value) && (equals < 0 || value == wanted[(equals + 1)..]);
    }
}

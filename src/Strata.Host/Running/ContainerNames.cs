using System.Security.Cryptography;

namespace Strata.Host.Running;

/// <summary>Names of containers: which are possible, and some for those that were given none, easier to say than a number.</summary>
internal static class ContainerNames
{
    private static readonly string[] Qualities =
    [
        "amber", "azure", "basalt", "brisk", "calm", "chalky", "clear", "coral", "crisp", "dusky", "early", "fair", "flinty", "folded",
        "gentle", "glassy", "golden", "granite", "hazel", "icy", "jade", "keen", "layered", "lunar", "mellow", "mossy", "northern", "opal",
        "pale", "pebbled", "quiet", "rosy", "sandy", "silver", "slate", "still", "tidal", "umber", "velvet", "windy",
    ];

    private static readonly string[] Places =
    [
        "atoll", "bay", "bluff", "brook", "butte", "canyon", "cape", "cliff", "cove", "crag", "delta", "dune", "fen", "fjord", "ford",
        "glen", "gorge", "grove", "gully", "heath", "hill", "inlet", "isle", "knoll", "lagoon", "ledge", "marsh", "mesa", "moor", "pass",
        "peak", "plain", "reef", "ridge", "shoal", "shore", "spring", "summit", "vale", "weir",
    ];

    /// <summary>Docker's rule: <c>[a-zA-Z0-9][a-zA-Z0-9_.-]+</c>.</summary>
    public static bool IsValid(string name) =>
        name.Length >= 2 && char.IsAsciiLetterOrDigit(name[0]) && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-');

    public static string Next() => Of(Qualities) + "_" + Of(Places);

    private static string Of(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}

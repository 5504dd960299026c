using System.Globalization;
using Strata.Cli.Templates;
using Strata.Oci;

namespace Strata.Cli.Rendering;

/// <summary>One column of a row: the name that <c>--format</c> knows it by, as docker's, and its text.</summary>
/// <param name="Name">Also its key in JSON.</param>
/// <param name="Text">As a table and a template show it.</param>
/// <param name="Data">What JSON has instead of the text: a number, a list, an object, a whole id.</param>
internal readonly record struct Cell(string Name, string Text, Value? Data = null)
{
    /// <summary>A size in bytes: for people with a unit, in JSON the number.</summary>
    public static Cell Size(string name, long bytes) => new(name, Amounts.Size(bytes), bytes);

    public static Cell Count(string name, long count) => new(name, count.ToString(CultureInfo.InvariantCulture), count);

    /// <summary>Always whole in JSON.</summary>
    public static Cell Id(Digest id, bool whole) => new("ID", whole ? id.ToString() : id.Short, id.ToString());

    /// <summary>A moment as RFC 3339 has it; empty when it is not known.</summary>
    public static Cell Time(string name, DateTimeOffset? moment) => new(name, moment is { } known ? OciTime.Format(known) : "");
}

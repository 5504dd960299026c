using Strata.Host;
using Strata.Store;

namespace Strata.Cli.Verbs;

/// <summary>Reads what was given with <c>--filter</c> to <c>images</c>, in docker's words.</summary>
internal static class ImageFilters
{
    private const string Known = "known are reference=PATTERN, dangling=true|false, label=KEY[=VALUE], before=IMAGE and since=IMAGE";

    /// <exception cref="StrataException">A filter is not known, or an image that it names is not there.</exception>
    public static ImageQuery Read(StrataHost host, string? name, IReadOnlyList<string> filters)
    {
        var names = new List<NamePattern>();
        var labels = new List<KeyValuePair<string, string?>>();
        var query = new ImageQuery();
        if (name is not null)
        {
            names.Add(NamePattern.Of(name));
        }
        foreach (var filter in filters)
        {
            var (key, value) = Split(filter);
            switch (key)
            {
                case "reference" when value is { Length: > 0 }:
                    names.Add(NamePattern.Of(value));
                    break;
                case "dangling" when value is "true" or "1":
                    query = query with { Dangling = true };
                    break;
                case "dangling" when value is "false" or "0":
                    query = query with { Dangling = false };
                    break;
                case "label" when value is { Length: > 0 }:
                    var (label, wanted) = Split(value);
                    labels.Add(new(label, wanted));
                    break;
                case "before" when value is { Length: > 0 }:
                    query = query with { Before = Earlier(query.Before, TimeOf(host, value)) };
                    break;
                case "since" when value is { Length: > 0 }:
                    query = query with { Since = Later(query.Since, TimeOf(host, value)) };
                    break;
                default:
                    throw new StrataException($"--filter {filter} is not known to images", Known);
            }
        }
        return query with { Names = names, Labels = labels };
    }

    public static (string Key, string? Value) Split(string filter) =>
        filter.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (filter[..at], filter[(at + 1)..]) : (filter, null);

    private static DateTimeOffset TimeOf(StrataHost host, string image)
    {
        var id = host.Images.Get(image).Image.Id;
        var summary = host.Store.Images.List().First(listed => listed.Id == id);
        return summary.Created ?? summary.Added;
    }

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one < other ? one.Value : other;

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;
}

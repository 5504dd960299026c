namespace Strata.Store;

/// <summary>What a name stood for, one after the other, with the changes taken out that were undone.</summary>
internal static class NameTimeline
{
    /// <summary>
    /// The earlier meanings, the latest first, without the present one; of a removed name, which has no present one, all. An image counts
    /// once however often the name was given to it in a row, or removed in between.
    /// </summary>
    public static IReadOnlyList<NameTarget> Of(IReadOnlyList<NameEvent> latestFirst)
    {
        var meanings = new List<NameTarget>();
        var isRemoved = true;
        foreach (var change in latestFirst.Reverse())
        {
            if (change.To is { } to)
            {
                var last = isRemoved ? meanings.Count - 1 : meanings.Count - 2;
                if (change.Action == NameAction.RolledBack && last >= 0 && meanings.FindLastIndex(last, meaning => meaning.Image == to.Image) is >= 0 and var at)
                {
                    // What lay above it is undone.
                    meanings.RemoveRange(at, meanings.Count - at);
                }
                else if (meanings is [.., var top] && top.Image == to.Image)
                {
                    meanings.RemoveAt(meanings.Count - 1);
                }
                meanings.Add(to);
            }
            isRemoved = change.To is null;
        }
        meanings.Reverse();
        return isRemoved ? meanings : [.. meanings.Skip(1)];
    }
}

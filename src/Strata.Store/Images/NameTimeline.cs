namespace Strata.Store;

/// <summary>What a name stood for, with the changes taken out that were undone.</summary>
internal static class NameTimeline
{
    /// <summary>The earlier meanings, the latest first; the present one (none, for a removed name) is not among them.</summary>
    public static IReadOnlyList<NameTarget> Of(IReadOnlyList<NameEvent> latestFirst)
    {
        // What was gone back to stays below; what lay above it was undone. A removal is a meaning of its own: nothing.
        var stack = new List<NameTarget?>();
        foreach (var change in latestFirst.Reverse())
        {
            if (change.Action == NameAction.RolledBack && stack.FindLastIndex(target => target?.Image == change.To!.Image) is >= 0 and var at)
            {
                stack.RemoveRange(at, stack.Count - at);
            }
            stack.Add(change.To);
        }
        return [.. stack.SkipLast(1).Reverse().OfType<NameTarget>()];
    }
}

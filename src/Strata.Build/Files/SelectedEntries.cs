using System.Collections;
using Strata.Oci;

namespace Strata.Build;

/// <summary>What is selected below a directory; each is made anew when it is asked for.</summary>
/// <param name="kept">The numbers of those among all that are selected; null for all.</param>
internal sealed class SelectedEntries(IReadOnlyList<SourceEntry> all, ImagePath directory, IReadOnlyList<int>? kept) : IReadOnlyList<SelectedEntry>
{
    public int Count => kept?.Count ?? all.Count;

    public SelectedEntry this[int index]
    {
        get
        {
            var entry = all[kept is null ? index : kept[index]];
            var relative = directory.IsRoot ? entry.Path : ImagePath.FromClean(entry.Path.Bytes[(directory.Bytes.Length + 1)..].ToArray());
            return new SelectedEntry(relative, entry);
        }
    }

    public IEnumerator<SelectedEntry> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

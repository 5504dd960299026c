using System.Text;

namespace Strata.Build;

/// <summary>The facts of a step as the last build recorded them, and what is new beside them.</summary>
internal static class StepTrace
{
    private const int Version = 1;

    // A trace is a hint and must not outgrow what it explains: past this, files are recorded by folder.
    private const int MostFacts = 100_000;
    private const int LongestLabel = 8192;

    public static ReadOnlyMemory<byte> Write(FactList facts)
    {
        var folders = facts.Count > MostFacts ? ByFolder(facts.Facts) : null;
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write7BitEncodedInt(Version);
            writer.Write7BitEncodedInt(folders?.Count ?? facts.Count);
            foreach (var fact in folders ?? facts.Facts)
            {
                writer.Write(fact.Label);
                writer.Write(fact.Short);
            }
        }
        return bytes.ToArray();
    }

    /// <summary>Why a step whose facts are <paramref name="now"/> can't use the result of the one that left <paramref name="before"/>.</summary>
    public static string Explain(ReadOnlyMemory<byte>? before, FactList now)
    {
        if (before is not { } bytes || Read(bytes) is not { } old)
        {
            return "first build";
        }
        var folders = now.Count > MostFacts ? ByFolder(now.Facts) : null;
        var current = folders ?? now.Facts;
        var recorded = new Dictionary<string, ulong>(old.Count, StringComparer.Ordinal);
        foreach (var fact in old)
        {
            recorded[fact.Label] = fact.Short;
        }
        var unseen = new HashSet<string>(recorded.Keys, StringComparer.Ordinal);
        string? added = null;
        foreach (var fact in current)
        {
            unseen.Remove(fact.Label);
            if (!recorded.TryGetValue(fact.Label, out var value))
            {
                added ??= fact.Label;
            }
            else if (value != fact.Short)
            {
                return $"{fact.Label} changed";
            }
        }
        if (added is not null)
        {
            return $"{added} is new";
        }
        foreach (var fact in old)
        {
            if (unseen.Contains(fact.Label))
            {
                return $"{fact.Label} is gone";
            }
        }
        return old.SequenceEqual(current) ? "its result is no longer kept" : "the order changed";
    }

    private static List<Fact>? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes.ToArray(), writable: false));
            if (reader.Read7BitEncodedInt() != Version)
            {
                return null;
            }
            var count = reader.Read7BitEncodedInt();
            var facts = new List<Fact>(Math.Clamp(count, 0, MostFacts));
            for (var i = 0; i < count; i++)
            {
                var label = reader.ReadString();
                if (label.Length > LongestLabel)
                {
                    return null;
                }
                facts.Add(new Fact(label, reader.ReadUInt64()));
            }
            return facts;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            // A trace that can't be read explains nothing, and nothing depends on it.
            return null;
        }
    }

    private static List<Fact> ByFolder(IEnumerable<Fact> facts)
    {
        var folders = new Dictionary<string, ulong>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var fact in facts)
        {
            var slash = fact.Label.LastIndexOf('/');
            var folder = slash < 0 ? fact.Label : string.Concat("something in ", fact.Label.AsSpan(0, slash));
            if (!folders.TryGetValue(folder, out var sum))
            {
                order.Add(folder);
            }
            folders[folder] = unchecked((sum * 31) + fact.Short);
        }
        return [.. order.Take(MostFacts).Select(folder => new Fact(folder, folders[folder]))];
    }
}

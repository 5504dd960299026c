namespace Strata.Fuzz;

/// <summary>The inputs of a target: those that are kept (one file each; findings join them), then those that are made.</summary>
internal static class Corpus
{
    public static IEnumerable<byte[]> Of(FuzzTarget target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "corpus", target.Name);
        var kept = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
        return kept.Concat(target.Seeds());
    }
}

using System.Collections.Immutable;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Puts the image together from the plan and what the steps made of it. Its times are those of its inputs.</summary>
internal static class ImageAssembler
{
    public static BuiltImage Assemble(BuildPlan plan, IReadOnlyDictionary<Digest, FileSystem> results)
    {
        var final = results[plan.Target.Id];
        var baseLayers = final.Layers.Length - plan.History.Count(step => step.Vertex is { } vertex && results[vertex.Id].Own is not null);
        var layers = ImmutableArray.CreateBuilder<BuiltLayer>();
        layers.AddRange(final.Layers.Take(baseLayers).Select(diffId => new BuiltLayer(diffId, null, null)));
        var history = new List<HistoryEntry>(plan.BaseHistory);
        var newest = NewestBefore(plan, results);
        foreach (var step in plan.History)
        {
            var result = step.Vertex is { } vertex ? results[vertex.Id] : null;
            newest = result?.Newest ?? newest;
            if (result?.Own is { } layer)
            {
                layers.Add(new BuiltLayer(layer.DiffId, step.CreatedBy, layer.Size));
            }
            history.Add(new HistoryEntry
            {
                Created = Format(newest, plan.Target.Clamp),
                CreatedBy = step.CreatedBy,
                Author = step.Author,
                Comment = CreatedBy.Comment,
                EmptyLayer = result?.Own is null ? true : null,
            });
        }
        var config = plan.Config with
        {
            Created = Format(final.Newest, plan.Target.Clamp),
            RootFs = new RootFs { DiffIds = [.. final.Layers] },
            History = history,
        };
        return new BuiltImage { Config = config, ConfigBytes = config.ToBytes(), Layers = layers.ToImmutable(), Images = plan.Images };
    }

    /// <summary>Of what the first step stands on.</summary>
    private static FileTime NewestBefore(BuildPlan plan, IReadOnlyDictionary<Digest, FileSystem> results)
    {
        var vertex = plan.Target;
        while (vertex.Inputs.Length > 0)
        {
            vertex = vertex.Inputs[0];
        }
        return results[vertex.Id].Newest;
    }

    private static string Format(FileTime time, FileTime? clamp) => OciTime.Format(time.Clamp(clamp).ToCalendar());
}

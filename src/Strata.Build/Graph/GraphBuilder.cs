using System.Collections.Immutable;
using Strata.Dockerfile;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Makes vertices, and gives back the one there is where an equal one was made before.</summary>
internal sealed class GraphBuilder
{
    private readonly Dictionary<Digest, Vertex> _vertices = [];

    public Vertex Add(Op op, ImmutableArray<Vertex> inputs, VertexLabel label)
    {
        using var facts = new FactList();
        facts.Add("the operation", op.GetType().Name);
        op.Describe(facts);
        if (op is CopyOp copy)
        {
            facts.Add("the sources", copy.Sources.OfType<CopySource.Path>().Select(source => source.Pattern));
        }
        facts.Add("the inputs", inputs.Select(input => input.Id.ToString()));
        facts.Add("the clamp", label.Clamp?.ToString() ?? "-");
        var id = facts.ToDigest();
        if (!_vertices.TryGetValue(id, out var vertex))
        {
            vertex = new Vertex
            {
                Op = op,
                Inputs = inputs,
                Id = id,
                Name = label.Name,
                Range = label.Range,
                Place = label.Place,
                Clamp = label.Clamp,
            };
            _vertices.Add(id, vertex);
        }
        return vertex;
    }
}

/// <summary>What a vertex is called and where it stands; no part of what it is, but for the clamp.</summary>
internal sealed record VertexLabel(string Name, SourceRange? Range = null, Digest? Place = null, FileTime? Clamp = null);

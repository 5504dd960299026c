using System.Text;
using Strata.Oci;

namespace Strata.Store;

/// <summary>Names of stacks of layers (image-spec config.md, "Layer ChainID").</summary>
internal static class ChainId
{
    /// <summary>For each layer, the chain id of the stack up to it.</summary>
    public static IReadOnlyList<Digest> Of(IReadOnlyList<Digest> diffIds)
    {
        var chain = new Digest[diffIds.Count];
        for (var i = 0; i < chain.Length; i++)
        {
            chain[i] = i == 0 ? diffIds[0] : Digest.Of(Encoding.ASCII.GetBytes($"{chain[i - 1]} {diffIds[i]}"));
        }
        return chain;
    }
}

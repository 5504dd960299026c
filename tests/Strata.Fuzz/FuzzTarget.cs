namespace Strata.Fuzz;

/// <summary>
/// One parser of bytes that come from strangers. <paramref name="Run"/> returns when the input was read or refused the way the parser
/// promises; anything else it throws is a finding.
/// </summary>
/// <param name="Name">Also the name of its folder in the corpus.</param>
/// <param name="Run">Takes one input.</param>
/// <param name="Seeds">Inputs that are made rather than kept: binary formats.</param>
public sealed record FuzzTarget(string Name, Action<byte[]> Run, Func<IEnumerable<byte[]>> Seeds)
{
    public override string ToString() => Name;
}

namespace Strata.Host.Registries;

/// <summary>A login that is kept.</summary>
/// <param name="Place">A file, or a helper's name.</param>
/// <param name="IsToken">Whether a token is kept there, and the password nowhere.</param>
public sealed record LoginKept(string Place, bool IsToken);

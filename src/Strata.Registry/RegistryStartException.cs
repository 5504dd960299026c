namespace Strata.Registry;

/// <summary>A registry could not be served as it was asked to.</summary>
public sealed class RegistryStartException(string message, Exception? inner = null) : Exception(message, inner);

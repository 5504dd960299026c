namespace Strata.Remote;

/// <summary>A file that says how registries are reached cannot be used; the message names it and says what is wrong there.</summary>
public sealed class RegistryConfigurationException(string message, Exception? inner = null) : IOException(message, inner);

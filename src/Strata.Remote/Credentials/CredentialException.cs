namespace Strata.Remote.Credentials;

/// <summary>Logins that are kept cannot be read or written.</summary>
public sealed class CredentialException(string message) : IOException(message);

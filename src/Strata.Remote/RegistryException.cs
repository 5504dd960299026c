using System.Net;

namespace Strata.Remote;

/// <summary>
/// A registry refused, failed or could not be reached. The message names the request without credentials and query, and says
/// what was answered.
/// </summary>
public sealed class RegistryException : IOException
{
    internal RegistryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>What to do, where something is known that may help.</summary>
    public string? Hint { get; internal init; }

    /// <summary>Null when there was no answer.</summary>
    public HttpStatusCode? Status { get; internal init; }
}

using System.Net;
using Strata.Oci;

namespace Strata.Remote;

/// <summary>
/// A registry refused, failed or could not be reached. The message names the request without credentials and query, says what was
/// answered, and what to do where that is known.
/// </summary>
public sealed class RegistryException : IOException
{
    internal RegistryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Null when there was no answer.</summary>
    public HttpStatusCode? Status { get; internal init; }

    /// <summary>The codes of the answer that the specification knows.</summary>
    public IReadOnlyList<OciErrorCode> Codes { get; internal init; } = [];

    /// <summary>Whether a login, or another one, may help.</summary>
    public bool IsAboutAccess => Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
}

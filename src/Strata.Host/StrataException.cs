namespace Strata.Host;

/// <summary>Something a person must be told: the message says what, where and why; <see cref="Hint"/> what to do.</summary>
public class StrataException(string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    public string? Hint { get; } = hint;
}

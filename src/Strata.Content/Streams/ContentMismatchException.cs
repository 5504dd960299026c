using Strata.Oci;

namespace Strata.Content.Streams;

/// <summary>Content turned out not to be what its descriptor names. Trying again may help where the way it came was at fault.</summary>
public sealed class ContentMismatchException : IOException
{
    private ContentMismatchException(Digest expected, Digest? actual, string message)
        : base(message) => (Expected, Actual) = (expected, actual);

    public Digest Expected { get; }

    /// <summary>The digest of what was there; null when it was longer than it should be, and so was not read to its end.</summary>
    public Digest? Actual { get; }

    internal static ContentMismatchException TooLong(Digest expected, long size) =>
        new(expected, null, $"The content should be {expected}, but goes on after the {size:N0} bytes which that has; it was refused.");

    internal static ContentMismatchException TooShort(Digest expected, long size, Digest actual, long actualSize) =>
        new(expected, actual, $"The content should be {expected}, but ends after {actualSize:N0} of {size:N0} bytes (those are {actual}); it was refused.");

    internal static ContentMismatchException Other(Digest expected, Digest actual) =>
        new(expected, actual, $"The content should be {expected}, but is {actual}; it was refused.");
}

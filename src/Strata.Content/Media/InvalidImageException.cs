namespace Strata.Content.Media;

/// <summary>A medium holds an image that cannot be used: broken, incomplete, or beyond the limits.</summary>
public sealed class InvalidImageException(string message) : IOException(message);

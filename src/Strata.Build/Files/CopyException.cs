namespace Strata.Build;

/// <summary>Files can't be copied as asked. The message goes on from "COPY: "; the place in the Dockerfile is added later.</summary>
internal sealed class CopyException(string message) : Exception(message);

namespace Strata.Linux;

/// <summary>A time of a file as the kernel keeps it: seconds since 1970 (negative before) and nanoseconds within the second.</summary>
public readonly record struct FileTime(long Seconds, uint Nanoseconds);

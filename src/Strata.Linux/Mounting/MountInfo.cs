namespace Strata.Linux;

/// <summary>A line of /proc/…/mountinfo, see proc(5).</summary>
public sealed record MountInfo(
    int Id,
    int ParentId,
    string Root,
    string MountPoint,
    string Options,
    string FileSystemType,
    string Source,
    string SuperOptions);

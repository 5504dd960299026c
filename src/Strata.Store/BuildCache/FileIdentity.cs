using Strata.Linux;

namespace Strata.Store;

/// <summary>What stays the same as long as a file's bytes do. No path: a renamed file keeps its digest.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Inode, long Size, FileTime Modified, FileTime Changed);

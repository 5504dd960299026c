using Strata.Linux;
using Strata.Oci;

namespace Strata.Runtime.Bundles;

/// <summary>
/// The places in the root that are mounted over. Missing ones are made before and removed after, from the upper
/// directory, with the times of the directories around them put back: nothing of them gets into a layer.
/// </summary>
internal sealed class MountPoints(RootedDirectory root)
{
    private readonly List<ImagePath> _covered = [];
    private readonly List<ImagePath> _made = [];

    /// <summary>Makes the target where it is missing; returns it without links.</summary>
    internal ImagePath Prepare(string target, bool isDirectory)
    {
        var place = RootPath.Resolve(root, target);
        if (place.Path.IsRoot)
        {
            throw new OciRuntimeException($"nothing can be mounted over the root of the container ({target})");
        }
        // In a mount that is there by then only the runtime can make something.
        if (IsCovered(place.Path))
        {
            return place.Path;
        }

        _covered.Add(place.Path);
        if (place.Status is { } status)
        {
            if ((status.Kind == FileKind.Directory) != isDirectory)
            {
                throw new OciRuntimeException(isDirectory
                    ? $"a directory cannot be mounted at {target}, where the image has a file"
                    : $"a file cannot be mounted at {target}, where the image has a directory");
            }
            return place.Path;
        }
        Make(place, isDirectory);
        return place.Path;
    }

    /// <summary>Makes a directory that stays (a working directory), if it is not in a mount.</summary>
    internal void Keep(RootPath directory)
    {
        if (directory.Status is not null || IsCovered(directory.Path))
        {
            return;
        }

        foreach (var missing in Missing(directory))
        {
            root.MakeDirectory(missing.Bytes, 0x1ED); // 0755
        }
    }

    internal bool IsCovered(ImagePath path) => _covered.Exists(path.IsWithin);

    /// <summary>
    /// After the run: whatever the upper directory has at a covered place is a mount point of ours or the runtime's, for
    /// nothing inside could reach below the mount. No link is followed, and only what is empty goes.
    /// </summary>
    internal void RemoveFrom(RootedDirectory upper)
    {
        foreach (var path in _covered.Concat(_made).Distinct().OrderByDescending(path => path))
        {
            var place = Walk(upper, path);
            if (place is not { } status)
            {
                continue;
            }

            var isEmpty = status.Kind == FileKind.Directory ? upper.List(path.Bytes).Count == 0 : status is { Kind: FileKind.Regular, Size: 0 };
            if (!isEmpty || (status.Kind == FileKind.Directory && !_made.Contains(path)))
            {
                continue;
            }

            var before = upper.Status(path.Parent.Bytes)!.Value.Modified;
            upper.RemoveTree(path.Bytes);
            upper.SetTimes(path.Parent.Bytes, before);
        }
    }

    private void Make(RootPath place, bool isDirectory)
    {
        var parent = root.Status(place.Existing.Bytes)!.Value;
        foreach (var missing in Missing(place))
        {
            if (isDirectory || missing != place.Path)
            {
                root.MakeDirectory(missing.Bytes, 0x1ED); // 0755
            }
            else
            {
                root.CreateFile(missing.Bytes, 0x1A4).Dispose(); // 0644
            }

            _made.Add(missing);
        }
        root.SetTimes(place.Existing.Bytes, parent.Modified);
    }

    private static List<ImagePath> Missing(RootPath place)
    {
        var missing = new List<ImagePath>();
        for (var path = place.Path; path != place.Existing; path = path.Parent)
        {
            missing.Add(path);
        }

        missing.Reverse();
        return missing;
    }

    /// <summary>The status when every part before the last is a directory itself: a step may have put a link there (CVE-2024-23652).</summary>
    private static FileStatus? Walk(RootedDirectory upper, ImagePath path)
    {
        if (!path.Parent.IsRoot && Walk(upper, path.Parent) is not { Kind: FileKind.Directory })
        {
            return null;
        }

        return upper.Status(path.Bytes);
    }
}

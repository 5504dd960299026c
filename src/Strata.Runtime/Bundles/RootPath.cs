using System.Text;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Runtime.Bundles;

/// <summary>
/// Where a path in a root leads once every link is followed as chroot would, the last one too; what does not exist yet
/// stays as written. Nothing is opened, so a link to /proc/self/fd/7 shows as that path.
/// </summary>
/// <param name="Path">Without links.</param>
/// <param name="Existing">How much of it is there: the nearest existing directory, or the path itself.</param>
/// <param name="Status">Null when the path does not exist.</param>
internal readonly record struct RootPath(ImagePath Path, ImagePath Existing, FileStatus? Status)
{
    // As the kernel: ELOOP.
    private const int MostLinks = 40;

    internal static RootPath Resolve(RootedDirectory root, string path)
    {
        var waiting = new Stack<byte[]>();
        Push(waiting, Encoding.UTF8.GetBytes(path));
        var at = ImagePath.Root;
        var existing = ImagePath.Root;
        FileStatus? status = root.Status(at.Bytes);
        var links = 0;
        while (waiting.TryPop(out var part))
        {
            if (part is [(byte)'.', (byte)'.'])
            {
                at = at.Parent;
                status = root.Status(at.Bytes);
                existing = status is null ? existing : at;
                continue;
            }
            var next = at.Append(part);
            // Below what does not exist nothing does.
            var found = status is null ? null : root.Status(next.Bytes);
            if (found is { Kind: FileKind.SymbolicLink })
            {
                if (++links > MostLinks)
                {
                    throw new OciRuntimeException($"{path} in the image leads around in a circle of symbolic links");
                }

                var target = root.ReadLink(next.Bytes);
                if (target is [(byte)'/', ..])
                {
                    (at, status, existing) = (ImagePath.Root, root.Status(default), ImagePath.Root);
                }

                Push(waiting, target);
                continue;
            }
            if (found is { Kind: not FileKind.Directory } && waiting.Count > 0)
            {
                throw new OciRuntimeException($"{path} cannot be in the image, as {next} is not a directory");
            }

            at = next;
            status = found;
            if (found is not null)
            {
                existing = at;
            }
        }
        return new RootPath(at, existing, status);
    }

    private static void Push(Stack<byte[]> waiting, ReadOnlySpan<byte> path)
    {
        var parts = new List<byte[]>();
        foreach (var range in path.Split((byte)'/'))
        {
            var part = path[range];
            if (!part.IsEmpty && part is not [(byte)'.'])
            {
                parts.Add(part.ToArray());
            }
        }
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            waiting.Push(parts[i]);
        }
    }
}

using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>
/// A file that is there whole in the end, or as it was before, for its owner alone: images hold secrets. A link is followed; standard output by another
/// name, and what is no regular file (a pipe, /dev/null), is written to as it goes.
/// </summary>
internal sealed class ArchiveOutput : IDisposable
{
    private readonly string _path;
    private readonly PendingFile? _pending;

    private ArchiveOutput(string path, PendingFile? pending, Stream stream) => (_path, _pending, Stream) = (path, pending, stream);

    public Stream Stream { get; }

    public static ArchiveOutput Create(string path)
    {
        if (Directory.Exists(path))
        {
            throw new StrataException($"{path} is a folder, where an archive is a file");
        }
        if (StandardDescriptor.Of(path) is { } descriptor)
        {
            return new ArchiveOutput(path, null, new OutputStream(StandardDescriptor.Open(descriptor), path));
        }
        // Before links are followed: what some lead to, a pipe in /proc, has no path.
        if (HostFile.Status(path, follow: true) is { Kind: not FileKind.Regular })
        {
            return new ArchiveOutput(path, null, new OutputStream(OpenAsItGoes(path), path));
        }
        path = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            throw new StrataException($"there is no folder {folder} to put {Path.GetFileName(path)} in");
        }
        PrivateName.RemoveLeftovers(folder);
        try
        {
            var pending = PendingFile.Create(folder);
            return new ArchiveOutput(path, pending, new SyncingStream(pending, path));
        }
        catch (LinuxException e)
        {
            throw OutputFailure.Of(path, e);
        }
    }

    private static DescriptorStream OpenAsItGoes(string path)
    {
        try
        {
            return new DescriptorStream(File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputFailure.OfStream(path, e);
        }
    }

    public void Publish()
    {
        Stream.Dispose();
        try
        {
            _pending?.Publish(_path, replace: true);
        }
        catch (LinuxException e)
        {
            throw OutputFailure.Of(_path, e);
        }
    }

    public void Dispose()
    {
        Stream.Dispose();
        _pending?.Dispose();
    }
}

using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>Opens archives, whether they can be read anywhere, only once, or only unpacked.</summary>
internal static class ArchiveInput
{
    /// <param name="path">The file.</param>
    /// <param name="intake">Takes what can be read only once.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<ImageArchive> OpenAsync(string path, IBlobIntake intake, CancellationToken cancellationToken)
    {
        try
        {
            var file = Open(path);
            // The archive owns the handle; a compressed one is left as it was.
            return (file.CanSeek ? await ImageArchive.OpenAsync(file.SafeFileHandle, cancellationToken) : null) ?? await TakeAsync(file, intake, cancellationToken);
        }
        catch (InvalidImageException e)
        {
            throw new StrataException($"{path}: {e.Message}", inner: e);
        }
    }

    public static async Task<ImageArchive> TakeAsync(Stream stream, string what, IBlobIntake intake, CancellationToken cancellationToken)
    {
        try
        {
            return await TakeAsync(stream, intake, cancellationToken);
        }
        catch (InvalidImageException e)
        {
            throw new StrataException($"{what}: {e.Message}", inner: e);
        }
    }

    // The tar reader waits for its input on the thread that reads.
    private static Task<ImageArchive> TakeAsync(Stream stream, IBlobIntake intake, CancellationToken cancellationToken) =>
        Task.Run(() => ImageArchive.TakeAsync(stream, intake, cancellationToken), cancellationToken);

    private static FileStream Open(string path)
    {
        if (HostFile.Status(path, follow: true) is not { } status)
        {
            throw new StrataException($"there is no file {path}");
        }
        return status.Kind == FileKind.Directory
            ? throw new StrataException($"{path} is a folder", "an image layout in a folder is read by: strata copy oci:FOLDER store:NAME")
            : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }
}

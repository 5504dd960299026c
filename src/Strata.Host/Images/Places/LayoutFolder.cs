using Strata.Content.Media;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Host.Images.Places;

/// <summary>
/// A folder that is to hold an image layout. One that holds a layout already gets more; a new one is made under another name beside it and
/// is there in the end, or not at all.
/// </summary>
internal sealed class LayoutFolder : IDisposable
{
    private readonly string _path;
    private readonly PendingFolder? _pending;
    private readonly OciLayout _layout;

    private LayoutFolder(string path, OciLayout layout, PendingFolder? pending) => (_path, _layout, _pending) = (path, layout, pending);

    /// <summary>Images appear in the folder when <paramref name="use"/> has ended well, all of them, and only then.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="repository">Whose tags they get; null leaves them mere tags.</param>
    /// <param name="written">What the image is called, exactly; null calls it by its tag, as docker does.</param>
    /// <param name="use">Writes.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<T> FillAsync<T>(
        string path, Reference? repository, string? written, Func<LayoutUpdate, Task<T>> use, CancellationToken cancellationToken)
    {
        path = Path.TrimEndingDirectorySeparator(path);
        try
        {
            using var folder = Open(path);
            var update = folder._layout.Begin(repository, written);
            var result = await use(update);
            await folder.FinishAsync(update, cancellationToken);
            return result;
        }
        // What is read from elsewhere has troubles of its own.
        catch (LinuxException e) when (e.Path is { } at && IsOf(path, at))
        {
            throw OutputFailure.Of(path, e);
        }
    }

    public void Dispose() => _pending?.Dispose();

    private async Task FinishAsync(LayoutUpdate update, CancellationToken cancellationToken)
    {
        if (_pending is null)
        {
            await update.CommitAsync(cancellationToken);
            return;
        }
        if (!Directory.Exists(_path))
        {
            // Another process may be quicker; its layout then gets one image more.
            await update.CommitAsync(cancellationToken);
            try
            {
                _pending.Publish(_path);
                return;
            }
            catch (LinuxException e) when (e.Errno is Errno.EEXIST or Errno.ENOTEMPTY)
            {
                // It was.
            }
        }
        await update.CommitToAsync(OpenExisting(_path), cancellationToken);
    }

    private static bool IsOf(string path, string at) =>
        at == Path.GetDirectoryName(path)
        || at.StartsWith(path, StringComparison.Ordinal)
        || at.StartsWith(Path.Combine(Path.GetDirectoryName(path)!, PrivateName.Prefix), StringComparison.Ordinal);

    private static LayoutFolder Open(string path)
    {
        if (File.Exists(path))
        {
            throw new StrataException($"{path} is a file, where an image layout is a folder");
        }
        if (Directory.Exists(path))
        {
            return new LayoutFolder(path, OpenExisting(path), null);
        }
        var parent = Path.GetDirectoryName(path);
        MakeParents(path, parent!);
        PrivateName.RemoveLeftovers(parent!);
        var pending = PendingFolder.Create(parent!);
        try
        {
            return new LayoutFolder(path, Create(pending.Path, path), pending);
        }
        catch
        {
            pending.Dispose();
            throw;
        }
    }

    /// <summary>Those that are missing, which stay also where the copy fails: another may be at work in them already.</summary>
    private static void MakeParents(string path, string parent)
    {
        if (Directory.Exists(parent))
        {
            return;
        }
        MakeParents(path, Path.GetDirectoryName(parent)!);
        try
        {
            new DurableFolders(Durable.SyncDirectory).Make(parent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputFailure.Of(path, e);
        }
    }

    /// <summary>In an empty folder, which may be a mount, the layout is made in place.</summary>
    private static OciLayout OpenExisting(string path) => OciLayout.IsUnfinished(path) ? Create(path, path) : OciLayout.Open(path);

    private static OciLayout Create(string folder, string path)
    {
        try
        {
            return OciLayout.Create(folder);
        }
        catch (Exception e) when (e is IOException and not InvalidImageException or UnauthorizedAccessException)
        {
            throw OutputFailure.Of(path, e);
        }
    }
}

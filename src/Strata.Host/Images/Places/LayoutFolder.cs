using System.Globalization;
using System.Security.Cryptography;
using Strata.Content.Media;
using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>
/// A folder that is to hold an image layout. One that holds a layout already gets more; a new one is made under another name beside it and
/// is there in the end, or not at all.
/// </summary>
internal sealed class LayoutFolder : IDisposable
{
    private readonly string _path;
    private readonly string? _temporary;
    private bool _published;

    private LayoutFolder(string path, string? temporary)
    {
        (_path, _temporary) = (path, temporary);
        Layout = temporary is null ? OciLayout.Open(path) : OciLayout.Create(temporary);
    }

    public OciLayout Layout { get; }

    public static LayoutFolder Open(string path)
    {
        path = Path.TrimEndingDirectorySeparator(path);
        if (File.Exists(path))
        {
            throw new StrataException($"{path} is a file, where an image layout is a folder");
        }
        if (Directory.Exists(path))
        {
            if (Directory.EnumerateFileSystemEntries(path).Any())
            {
                return new LayoutFolder(path, null);
            }
            // In an empty folder, which may be a mount, the layout is made in place.
            OciLayout.Create(path);
            return new LayoutFolder(path, null);
        }
        var parent = Path.GetDirectoryName(path);
        if (!Directory.Exists(parent))
        {
            throw new StrataException($"there is no folder {parent} to put {Path.GetFileName(path)} in");
        }
        var random = RandomNumberGenerator.GetHexString(16, lowercase: true);
        return new LayoutFolder(path, Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $".tmp-{Environment.ProcessId}-{random}")));
    }

    public void Publish()
    {
        if (_temporary is not null)
        {
            Directory.Move(_temporary, _path);
            _published = true;
            Durable.SyncDirectory(Path.GetDirectoryName(_path)!);
        }
    }

    public void Dispose()
    {
        if (!_published && _temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}

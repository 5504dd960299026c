using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>A temporary file without a name: it ends with its handle, however the process ends.</summary>
public sealed class NamelessFile : IDisposable
{
    private readonly string _directory;

    private NamelessFile(SafeFileHandle handle, string directory) => (Handle, _directory) = (handle, directory);

    /// <summary>Open for reading and writing, until Dispose.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>On the file system of <paramref name="directory"/>.</summary>
    public static NamelessFile Create(string directory)
    {
        // Not O_TMPFILE, which some file systems do not know: between the two calls there is a name, of an empty file.
        var named = PendingFile.Create(directory);
        named.Remove();
        return new NamelessFile(named.Handle, directory);
    }

    /// <summary>An unbuffered stream from the start of the file; disposing it leaves <see cref="Handle"/> open.</summary>
    public Stream OpenStream() => new PrivateStream(HostFile.Duplicate(Handle), Describe(_directory));

    /// <summary>What an error of the stream calls the file, as <see cref="LinuxException.Path"/>.</summary>
    public static string Describe(string directory) => $"a temporary file in {directory}";

    public void Dispose() => Handle.Dispose();
}

using Strata.Linux;

namespace Strata.Registry.Storage.Files;

/// <summary>Places as files of a folder, <c>ab/abcdef…</c>.</summary>
internal sealed class FileBlobBytes : IBlobBytes
{
    private const int FanOut = 2;
    private readonly string _root;

    public FileBlobBytes(string root)
    {
        _root = root;
        Directory.CreateDirectory(root);
    }

    public ValueTask<BlobAppender> AppendAsync(BlobPlace place, long offset, ReadOnlyMemory<byte> parts, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var directory = DirectoryOf(place);
        if (offset == 0 && !Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
            Durable.SyncDirectory(_root);
        }
        var path = PathOf(place);
        try
        {
            var handle = File.OpenHandle(path, offset == 0 ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            try
            {
                var length = RandomAccess.GetLength(handle);
                if (length < offset)
                {
                    throw new BlobBytesLostException($"{path} has {length:N0} bytes where {offset:N0} were acknowledged.");
                }
                if (length > offset)
                {
                    RandomAccess.SetLength(handle, offset);
                }
                return new(new FileBlobAppender(handle, directory, offset));
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobBytesLostException($"{path} is missing, where {offset:N0} bytes were acknowledged.");
        }
    }

    public ValueTask<BlobReader> OpenAsync(BlobPlace place, CancellationToken cancellationToken)
    {
        var path = PathOf(place);
        try
        {
            return new(new FileBlobReader(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobBytesLostException($"{path} is missing; the registry's database names it. Restore it from a copy, or push its image again after deleting the blob.");
        }
    }

    public ValueTask DeleteAsync(BlobPlace place, CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(PathOf(place));
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever written there.
        }
        return ValueTask.CompletedTask;
    }

    private string DirectoryOf(BlobPlace place) => Path.Join(_root, place.ToString()[..FanOut]);

    private string PathOf(BlobPlace place) => Path.Join(DirectoryOf(place), place.ToString());
}

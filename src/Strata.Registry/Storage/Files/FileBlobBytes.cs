using Strata.Linux;

namespace Strata.Registry.Storage.Files;

/// <summary>
/// Places as files of one folder. It is never listed, and the file systems of today find a name among millions as fast as among ten.
/// </summary>
internal sealed class FileBlobBytes : IBlobBytes
{
    private readonly string _folder;

    public FileBlobBytes(string folder)
    {
        _folder = folder;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            Durable.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        }
    }

    public ValueTask<BlobAppender> AppendAsync(BlobPlace place, long offset, ReadOnlyMemory<byte> parts, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
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
                return new(new FileBlobAppender(handle, _folder, offset));
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (FileNotFoundException)
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
        catch (FileNotFoundException)
        {
            throw new BlobBytesLostException($"{path} is missing; the registry's database names it. Restore it from a copy, or push its image again after deleting the blob.");
        }
    }

    public ValueTask DeleteAsync(BlobPlace place, CancellationToken cancellationToken)
    {
        File.Delete(PathOf(place));
        return ValueTask.CompletedTask;
    }

    private string PathOf(BlobPlace place) => Path.Join(_folder, place.ToString());
}

using Strata.Registry.Storage;
using Strata.Registry.Storage.Files;
using Strata.Testing;

namespace Strata.Registry.Tests.Contracts;

public sealed class FileBlobBytesTests : BlobBytesContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileBlobBytes _bytes;

    public FileBlobBytesTests() => _bytes = new FileBlobBytes(_folder.Path);

    protected override IBlobBytes Bytes => _bytes;

    protected override IBlobBytes Reopen() => new FileBlobBytes(_folder.Path);

    public void Dispose() => _folder.Dispose();
}

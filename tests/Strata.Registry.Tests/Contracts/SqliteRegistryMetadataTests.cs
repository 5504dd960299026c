using Strata.Registry.Storage;
using Strata.Registry.Storage.Sqlite;
using Strata.Testing;

namespace Strata.Registry.Tests.Contracts;

public sealed class SqliteRegistryMetadataTests : RegistryMetadataContract, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private SqliteRegistryMetadata? _metadata;

    protected override async Task<IRegistryMetadata> CreateAsync() =>
        _metadata = await SqliteRegistryMetadata.OpenAsync(_folder.File("registry.db"), Stop);

    public async ValueTask DisposeAsync()
    {
        if (_metadata is not null)
        {
            await _metadata.DisposeAsync();
        }
        _folder.Dispose();
    }
}

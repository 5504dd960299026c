namespace Strata.Registry.Storage;

/// <summary>The two halves of a registry's storage, and the bell that is rung when something in it can be thrown away.</summary>
internal sealed class RegistryStorage(IRegistryMetadata metadata, IBlobBytes bytes) : IAsyncDisposable
{
    private const int SweepBatch = 256;
    private readonly SemaphoreSlim _bell = new(0, 1);

    public IRegistryMetadata Metadata { get; } = metadata;
    public IBlobBytes Bytes { get; } = bytes;

    public void RingForSweep()
    {
        try
        {
            _bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is ringing already.
        }
    }

    public Task<bool> WaitForBellAsync(TimeSpan atMost, CancellationToken cancellationToken) => _bell.WaitAsync(atMost, cancellationToken);

    /// <summary>Deletes the bytes of doomed places; the rows go after the bytes, so a crash between only repeats the deletion.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        while (await Metadata.DoomedPlacesAsync(SweepBatch, cancellationToken) is { Count: > 0 } places)
        {
            foreach (var place in places)
            {
                await Bytes.DeleteAsync(place, cancellationToken);
            }
            await Metadata.ForgetPlacesAsync(places, cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _bell.Dispose();
        return Metadata.DisposeAsync();
    }
}

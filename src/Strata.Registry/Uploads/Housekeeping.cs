using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Strata.Registry.Storage;

namespace Strata.Registry.Uploads;

/// <summary>Ends sessions whose time is over and deletes bytes that nothing names any more, when the bell rings and now and then.</summary>
internal sealed class Housekeeping(RegistryStorage storage, UploadService uploads, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    [SuppressMessage("Design", "CA1031", Justification = "What fails now is tried again at the next round.")]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await OnceAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogWarning(e, "Deleting what the registry no longer needs failed; it will be tried again.");
            }
            await storage.WaitForBellAsync(Interval, cancellationToken);
        }
    }

    public async Task OnceAsync(CancellationToken cancellationToken)
    {
        await uploads.ExpireAsync(cancellationToken);
        await storage.SweepAsync(cancellationToken);
    }
}

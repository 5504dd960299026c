using Strata.Oci;
using Strata.Registry.Storage;

namespace Strata.Registry.Uploads;

/// <summary>
/// Uploads from their first byte to the blob. An acknowledged offset is durable: bytes synced, then the row. The row is written before
/// the place's first byte and ends in the same transaction that makes the blob visible or dooms the place, so a crash leaves nothing
/// half-written and nothing unaccounted for.
/// </summary>
internal sealed class UploadService(RegistryStorage storage, LiveUploads live, RegistryLimits limits, TimeProvider time)
{
    private IRegistryMetadata Metadata => storage.Metadata;

    private DateTimeOffset Expiry => time.GetUtcNow() + limits.UploadLifetime;

    public ValueTask<UploadSession> BeginAsync(RepositoryName repository, DigestAlgorithm algorithm, string owner, bool resumable, CancellationToken cancellationToken) =>
        Metadata.BeginUploadAsync(
            new BeginUpload
            {
                Id = UploadId.New(),
                Repository = repository,
                Place = BlobPlace.New(),
                Algorithm = algorithm,
                Owner = owner,
                Resumable = resumable,
                ExpiresAt = Expiry,
            },
            cancellationToken);

    public async ValueTask<UploadSession?> FindAsync(UploadTarget target, CancellationToken cancellationToken) =>
        await Metadata.FindUploadAsync(target.Id, cancellationToken) is { } session
        && session.Repository == target.Repository && session.Owner == target.Owner
            ? session
            : null;

    /// <summary>A chunk, or a stream of unknown length.</summary>
    public Task<UploadOutcome> AppendAsync(UploadTarget target, UploadBody body, CancellationToken cancellationToken) =>
        WriteAsync(target, body, null, cancellationToken);

    /// <summary>The last bytes, if any are left, and the end of the session.</summary>
    public Task<UploadOutcome> CompleteAsync(UploadTarget target, UploadBody body, Digest digest, CancellationToken cancellationToken) =>
        WriteAsync(target, body, digest, cancellationToken);

    /// <summary>False when there is no such session.</summary>
    public async Task<bool> CancelAsync(UploadTarget target, CancellationToken cancellationToken)
    {
        if (await FindAsync(target, cancellationToken) is null)
        {
            return false;
        }
        // Whoever still writes loses: its next command finds no session.
        using var turn = await live.EnterAsync(target.Id, cancellationToken);
        turn?.End();
        if (await FindAsync(target, cancellationToken) is not { } session || !await Metadata.CancelUploadAsync(session, cancellationToken))
        {
            return false;
        }
        storage.RingForSweep();
        return true;
    }

    /// <summary>Ends the sessions nobody has gone on with in time, except those being written this moment.</summary>
    public async Task ExpireAsync(CancellationToken cancellationToken)
    {
        const int Batch = 256;
        foreach (var session in await Metadata.ExpiredUploadsAsync(time.GetUtcNow(), Batch, cancellationToken))
        {
            using var turn = live.TryEnter(session.Id);
            if (turn is not null && await Metadata.CancelUploadAsync(session, cancellationToken))
            {
                turn.End();
                storage.RingForSweep();
            }
        }
    }

    private async Task<UploadOutcome> WriteAsync(UploadTarget target, UploadBody body, Digest? digest, CancellationToken cancellationToken)
    {
        if (await FindAsync(target, cancellationToken) is null)
        {
            return new UploadOutcome.Unknown();
        }
        using var turn = await live.EnterAsync(target.Id, cancellationToken);
        if (turn is null)
        {
            return new UploadOutcome.Busy();
        }
        // Read again: while this waited for its turn the session went on or ended.
        if (await FindAsync(target, cancellationToken) is not { } session)
        {
            turn.End();
            return new UploadOutcome.Unknown();
        }
        if (body.Range is { } range && range.First != session.Offset)
        {
            return new UploadOutcome.OutOfOrder(session);
        }
        await using var appender = await storage.Bytes.AppendAsync(session.Place, session.Offset, session.Parts, cancellationToken);
        try
        {
            var hash = await turn.HashAsync(appender, digest?.Algorithm ?? session.Algorithm, cancellationToken);
            var failure = await BodyPump.RunAsync(body.Content, appender, hash, cancellationToken);
            var received = appender.Length - session.Offset;
            if (failure is null && body.Range is { } said && said.Length != received)
            {
                turn.DropHash();
                return new UploadOutcome.WrongLength(said.Length, received);
            }
            if (failure is not null)
            {
                if (received > 0)
                {
                    await AdvanceAsync(session, appender);
                }
                failure.Throw();
            }
            return digest is { } expected
                ? await FinishAsync(turn, session, appender, (expected, hash.Current()))
                : await AdvanceAsync(session, appender);
        }
        catch
        {
            // The hash may have seen what the place or the row has not.
            turn.DropHash();
            throw;
        }
    }

    // From here on a client that hangs up changes nothing: the bytes are here.
    private async Task<UploadOutcome> AdvanceAsync(UploadSession session, BlobAppender appender)
    {
        var parts = await appender.SyncAsync(CancellationToken.None);
        var command = new AdvanceUpload(session, appender.Length, parts, Expiry);
        return await Metadata.AdvanceUploadAsync(command, CancellationToken.None) is { } advanced
            ? new UploadOutcome.Advanced(advanced)
            : new UploadOutcome.Unknown();
    }

    private async Task<UploadOutcome> FinishAsync(LiveUploads.Turn turn, UploadSession session, BlobAppender appender, (Digest Expected, Digest Actual) digests)
    {
        if (digests.Expected != digests.Actual)
        {
            await Metadata.CancelUploadAsync(session, CancellationToken.None);
            turn.End();
            storage.RingForSweep();
            return new UploadOutcome.DigestMismatch(digests.Actual);
        }
        await appender.SealAsync(CancellationToken.None);
        var command = new CommitUpload(session, digests.Expected, appender.Length, time.GetUtcNow());
        var result = await Metadata.CommitUploadAsync(command, CancellationToken.None);
        turn.End();
        if (result == CommitUploadResult.AlreadyThere)
        {
            storage.RingForSweep();
        }
        return result == CommitUploadResult.Superseded ? new UploadOutcome.Unknown() : new UploadOutcome.Completed(digests.Expected);
    }
}

using Strata.Oci;
using Strata.Registry.Storage;

namespace Strata.Registry.Uploads;

/// <summary>What became of a request that carries bytes of an upload.</summary>
internal abstract record UploadOutcome
{
    private UploadOutcome()
    {
    }

    /// <summary>The bytes are durable, the session goes on.</summary>
    public sealed record Advanced(UploadSession Session) : UploadOutcome;

    /// <summary>The blob is there.</summary>
    public sealed record Completed(Digest Digest) : UploadOutcome;

    public sealed record Unknown : UploadOutcome;

    /// <summary>The chunk does not begin where the session stands.</summary>
    public sealed record OutOfOrder(UploadSession Session) : UploadOutcome;

    /// <summary>The chunk had another length than its Content-Range said; nothing of it was kept.</summary>
    public sealed record WrongLength(long Expected, long Received) : UploadOutcome;

    /// <summary>The bytes are not those of the digest; the session is over.</summary>
    public sealed record DigestMismatch(Digest Actual) : UploadOutcome;

    /// <summary>Another request is writing to this session.</summary>
    public sealed record Busy : UploadOutcome;
}

/// <summary>The session a request speaks of. A session of another repository or another owner counts as unknown.</summary>
internal readonly record struct UploadTarget(UploadId Id, RepositoryName Repository, string Owner);

/// <summary>The bytes a request carries; <paramref name="Range"/> where it said which.</summary>
internal readonly record struct UploadBody(Stream Content, ContentRange? Range);

using Strata.Remote.Authentication;

namespace Strata.Remote.Transfers;

/// <summary>An upload that a registry has begun: where its next bytes go, and how many it has.</summary>
/// <param name="Scope">The body of an upload is sent once only and can't be challenged, so it goes with the scope that was let in already.</param>
internal sealed record UploadSession(Uri Place, AccessScope Scope, long Offset = 0);

using System.Collections.Frozen;

namespace Strata.Oci;

/// <summary>The error codes of the distribution spec ("Error Codes"), shared by server and client.</summary>
public enum OciErrorCode
{
    BlobUnknown,
    BlobUploadInvalid,
    BlobUploadUnknown,
    DigestInvalid,
    ManifestBlobUnknown,
    ManifestInvalid,
    ManifestUnknown,
    NameInvalid,
    NameUnknown,
    SizeInvalid,
    Unauthorized,
    Denied,
    Unsupported,
    TooManyRequests,
    RangeInvalid,
    TagInvalid,
    PaginationNumberInvalid,
}

/// <summary>What goes over the wire for a code.</summary>
public sealed record OciErrorDefinition(OciErrorCode Code, string Wire, int HttpStatus, string Message);

/// <summary>The one table of codes, for both sides.</summary>
public static class OciErrors
{
    private static readonly OciErrorDefinition[] Table =
    [
        new(OciErrorCode.BlobUnknown, "BLOB_UNKNOWN", 404, "blob unknown to registry"),
        new(OciErrorCode.BlobUploadInvalid, "BLOB_UPLOAD_INVALID", 400, "blob upload invalid"),
        new(OciErrorCode.BlobUploadUnknown, "BLOB_UPLOAD_UNKNOWN", 404, "blob upload unknown to registry"),
        new(OciErrorCode.DigestInvalid, "DIGEST_INVALID", 400, "provided digest did not match uploaded content"),
        new(OciErrorCode.ManifestBlobUnknown, "MANIFEST_BLOB_UNKNOWN", 404, "manifest references a manifest or blob unknown to registry"),
        new(OciErrorCode.ManifestInvalid, "MANIFEST_INVALID", 400, "manifest invalid"),
        new(OciErrorCode.ManifestUnknown, "MANIFEST_UNKNOWN", 404, "manifest unknown to registry"),
        new(OciErrorCode.NameInvalid, "NAME_INVALID", 400, "invalid repository name"),
        new(OciErrorCode.NameUnknown, "NAME_UNKNOWN", 404, "repository name not known to registry"),
        new(OciErrorCode.SizeInvalid, "SIZE_INVALID", 400, "provided length did not match content length"),
        new(OciErrorCode.Unauthorized, "UNAUTHORIZED", 401, "authentication required"),
        new(OciErrorCode.Denied, "DENIED", 403, "requested access to the resource is denied"),
        new(OciErrorCode.Unsupported, "UNSUPPORTED", 405, "the operation is unsupported"),
        new(OciErrorCode.TooManyRequests, "TOOMANYREQUESTS", 429, "too many requests"),
        new(OciErrorCode.RangeInvalid, "BLOB_UPLOAD_INVALID", 416, "range does not continue the upload"),
        new(OciErrorCode.TagInvalid, "TAG_INVALID", 400, "invalid tag"),
        new(OciErrorCode.PaginationNumberInvalid, "PAGINATION_NUMBER_INVALID", 400, "invalid number of results requested"),
    ];

    private static readonly FrozenDictionary<OciErrorCode, OciErrorDefinition> ByCode = Table.ToFrozenDictionary(d => d.Code);

    public static OciErrorDefinition Of(OciErrorCode code) => ByCode[code];

    /// <summary>The code that a registry's answer names; null for codes outside the spec.</summary>
    public static OciErrorCode? FromWire(string? wire) => Array.Find(Table, d => d.Wire == wire)?.Code;
}

using System.Diagnostics.CodeAnalysis;

namespace Strata.Registry.Storage;

/// <summary>An upload session's id: random, and all that a client has to know to go on with the upload of its own repository.</summary>
public readonly record struct UploadId(Guid Value)
{
    public static UploadId New() => new(Guid.NewGuid());

    public static bool TryParse([NotNullWhen(true)] string? text, out UploadId id)
    {
        var parsed = Guid.TryParseExact(text, "D", out var value);
        id = new UploadId(value);
        return parsed;
    }

    public override string ToString() => Value.ToString("D");
}

using Strata.Oci;

namespace Strata.Remote;

/// <summary>A small document that a registry sent, and what its headers say of it.</summary>
internal sealed class FetchedDocument(byte[] raw, HttpResponseMessage answer)
{
    public const string DigestHeader = "Docker-Content-Digest";

    public byte[] Raw => raw;

    public string? MediaType { get; } = MediaTypeOf(answer);

    /// <summary>What the registry says that it is.</summary>
    public Digest? Digest { get; } = DigestOf(answer);

    /// <summary>Where it came from in the end.</summary>
    public Uri Url { get; } = answer.RequestMessage!.RequestUri!;

    public IReadOnlyList<string> Header(string name) => answer.Headers.TryGetValues(name, out var values) ? [.. values] : [];

    public static string? MediaTypeOf(HttpResponseMessage answer) => answer.Content.Headers.ContentType?.MediaType;

    public static Digest? DigestOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(DigestHeader, out var values) && Oci.Digest.TryParse(values.FirstOrDefault(), out var digest) ? digest : null;
}

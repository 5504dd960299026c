namespace Strata.Remote.Transfers;

/// <summary>The next page of a listing (RFC 8288; distribution-spec, "Listing Tags").</summary>
internal static class LinkHeader
{
    /// <summary>The URL with <c>rel="next"</c>, as written; null when there is none.</summary>
    public static string? Next(IEnumerable<string> headers)
    {
        foreach (var header in headers)
        {
            var rest = header.AsSpan();
            while (rest.IndexOf('<') is var open and >= 0 && rest[open..].IndexOf('>') is var length and > 1)
            {
                var target = rest[(open + 1)..(open + length)];
                rest = rest[(open + length + 1)..];
                var end = rest.IndexOf('<');
                var parameters = end < 0 ? rest : rest[..end];
                if (IsNext(parameters))
                {
                    return target.ToString();
                }
            }
        }
        return null;
    }

    /// <summary>The next page's path below the same registry; null when this was the last.</summary>
    /// <param name="what">Names the listing in the message when it leads elsewhere.</param>
    public static string? NextPath(FetchedDocument document, string what)
    {
        if (Next(document.Header("Link")) is not { } link)
        {
            return null;
        }
        return Uri.TryCreate(document.Url, link, out var next) && next.Authority == document.Url.Authority && next.Scheme == document.Url.Scheme
            ? next.PathAndQuery
            : throw new RegistryException($"{what} goes on at another host, says the registry; that is not followed.");
    }

    private static bool IsNext(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim(" \t,");
            if (parameter.StartsWith("rel", StringComparison.OrdinalIgnoreCase)
                && parameter[3..].TrimStart(" \t=").Trim('"').Equals("next", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}

namespace Strata.Registry.Http;

internal enum RegistryResource
{
    Base,
    Catalog,
    Manifest,
    Blob,
    Uploads,
    Upload,
    Tags,
    Referrers,
    TagHistory,
    TagRollback,
}

/// <summary>What a path names. <paramref name="Name"/> and <paramref name="Argument"/> are as the client wrote them, unchecked.</summary>
internal readonly record struct RegistryPath(RegistryResource Resource, string Name, string Argument)
{
    private const string Root = "/v2";
    private const string Api = "/api/v1/repositories/";
    private const string Blobs = "/blobs/";
    private const string Manifests = "/manifests/";
    private const string TagsPart = "/tags/";
    private const string ReferrersPart = "/referrers/";
    private const string UploadsPart = "uploads";
    private const string History = "/history";
    private const string Rollback = "/rollback";

    /// <summary>
    /// A repository's name has slashes and may itself contain a part called "blobs" or "tags": what follows the last of these is the resource.
    /// </summary>
    public static bool TryParse(string path, out RegistryPath result)
    {
        result = default;
        if (path is Root or Root + "/")
        {
            result = new RegistryPath(RegistryResource.Base, "", "");
            return true;
        }
        if (path == Root + "/_catalog")
        {
            result = new RegistryPath(RegistryResource.Catalog, "", "");
            return true;
        }
        if (path.StartsWith(Api, StringComparison.Ordinal))
        {
            return TryParseApi(path[Api.Length..], out result);
        }
        if (!path.StartsWith(Root + "/", StringComparison.Ordinal))
        {
            return false;
        }
        var rest = path[(Root.Length + 1)..];
        (int At, string Part) last = (-1, "");
        foreach (var part in (ReadOnlySpan<string>)[Blobs, Manifests, TagsPart, ReferrersPart])
        {
            var at = rest.LastIndexOf(part, StringComparison.Ordinal);
            if (at > last.At)
            {
                last = (at, part);
            }
        }
        // An upload's URL may come without its last slash.
        if (rest.EndsWith(Blobs + UploadsPart, StringComparison.Ordinal))
        {
            result = new RegistryPath(RegistryResource.Uploads, rest[..^(Blobs.Length + UploadsPart.Length)], "");
            return true;
        }
        if (last.At <= 0)
        {
            return false;
        }
        var name = rest[..last.At];
        var argument = rest[(last.At + last.Part.Length)..];
        RegistryPath? found = last.Part switch
        {
            Manifests when argument.Length > 0 => new(RegistryResource.Manifest, name, argument),
            Blobs when argument == UploadsPart + "/" => new(RegistryResource.Uploads, name, ""),
            Blobs when argument.StartsWith(UploadsPart + "/", StringComparison.Ordinal) => new(RegistryResource.Upload, name, argument[(UploadsPart.Length + 1)..]),
            Blobs when argument.Length > 0 => new(RegistryResource.Blob, name, argument),
            TagsPart when argument == "list" => new(RegistryResource.Tags, name, ""),
            ReferrersPart => new(RegistryResource.Referrers, name, argument),
            _ => null,
        };
        result = found.GetValueOrDefault();
        return found is not null;
    }

    private static bool TryParseApi(string rest, out RegistryPath result)
    {
        result = default;
        var tags = rest.LastIndexOf(TagsPart, StringComparison.Ordinal);
        var (ending, resource) = rest.EndsWith(History, StringComparison.Ordinal)
            ? (History, RegistryResource.TagHistory)
            : (Rollback, RegistryResource.TagRollback);
        if (tags <= 0 || !rest.EndsWith(ending, StringComparison.Ordinal) || tags + TagsPart.Length >= rest.Length - ending.Length)
        {
            return false;
        }
        result = new RegistryPath(resource, rest[..tags], rest[(tags + TagsPart.Length)..^ending.Length]);
        return true;
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;
using static Strata.Remote.Tests.ScriptedHandler;

namespace Strata.Remote.Tests;

public sealed class ReferrersTagTests
{
    private static readonly Digest Subject = RandomImage.Create(1).Manifest.Digest;
    private static readonly string ListPath = $"/v2/app/manifests/{Subject.ToString().Replace(':', '-')}";

    [Fact]
    public async Task Where_the_registry_lists_no_referrers_the_client_keeps_the_list_under_a_tag()
    {
        var registry = new Dictionary<string, StoredManifest>();
        var handler = Registry(registry, listsReferrers: false);
        var one = Referrer(""","artifactType":"a/sbom","annotations":{"by":"me"}""");
        var two = Referrer("");
        foreach (var manifest in new[] { one, two, one })
        {
            await Repository(handler).PutManifestAsync(manifest, null, Stop);
        }
        var stored = registry[ListPath];
        Assert.Equal(MediaTypes.OciIndex, stored.MediaType);
        Assert.True(ImageIndex.TryParse(stored.Raw, null, out var list, out _));
        Assert.Equal([one.Digest, two.Digest], list.Manifests.Select(m => m.Digest));
        Assert.Equal(["a/sbom", "a/config"], list.Manifests.Select(m => m.ArtifactType));
        Assert.Equal([(long)one.Raw.Length, two.Raw.Length], list.Manifests.Select(m => m.Size));
        Assert.Equal("me", list.Manifests[0].Annotations!["by"]);
        Assert.Null(list.Manifests[1].Annotations);
    }

    [Fact]
    public async Task A_registry_that_lists_referrers_and_a_manifest_without_a_subject_need_no_tag()
    {
        var listing = Registry([], listsReferrers: true);
        await Repository(listing).PutManifestAsync(Referrer(""), null, Stop);
        Assert.Single(listing.Requests);
        var other = Registry([], listsReferrers: false);
        await Repository(other).PutManifestAsync(RandomImage.Create(1).Manifest, null, Stop);
        Assert.Single(other.Requests);
    }

    [Fact]
    public async Task A_tag_in_the_lists_place_that_is_no_list_is_left_alone()
    {
        var image = RandomImage.Create(2).Manifest;
        var registry = new Dictionary<string, StoredManifest> { [ListPath] = image };
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(Registry(registry, listsReferrers: false)).PutManifestAsync(Referrer(""), null, Stop));
        Assert.Contains("was pushed but is not listed", error.Message, StringComparison.Ordinal);
        Assert.Same(image, registry[ListPath]);
    }

    private static StoredManifest Referrer(string more) => new(
        Encoding.UTF8.GetBytes($$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","config":{"mediaType":"a/config","digest":"{{{Subject}}}","size":2},"layers":[],"subject":{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Subject}}}","size":9}{{{more}}}}"""),
        MediaTypes.OciManifest);

    private static ScriptedHandler Registry(Dictionary<string, StoredManifest> manifests, bool listsReferrers) => new(async request =>
    {
        var path = request.RequestUri!.AbsolutePath.Replace("%3A", ":", StringComparison.Ordinal);
        if (request.Method == HttpMethod.Put)
        {
            manifests[path] = new StoredManifest(await request.Content!.ReadAsByteArrayAsync(Stop), request.Content.Headers.ContentType!.MediaType!);
            return listsReferrers ? Answer(HttpStatusCode.Created, "", ("OCI-Subject", Subject.ToString())) : Answer(HttpStatusCode.Created);
        }
        if (!manifests.TryGetValue(path, out var found))
        {
            return Answer(HttpStatusCode.NotFound);
        }
        var response = Bytes(HttpStatusCode.OK, new MemoryStream(found.Raw.ToArray()));
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(found.MediaType);
        return response;
    });
}

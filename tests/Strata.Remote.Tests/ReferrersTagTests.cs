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

    [Fact]
    public async Task A_referrer_that_is_deleted_leaves_the_list()
    {
        var registry = new Dictionary<string, StoredManifest>();
        var repository = Repository(Registry(registry, listsReferrers: false));
        var one = Referrer(",\"artifactType\":\"a/sbom\"");
        var two = Referrer("");
        foreach (var manifest in new[] { one, two })
        {
            await repository.PutManifestAsync(manifest, null, Stop);
        }
        Assert.Equal([one.Digest, two.Digest], (await repository.ReferrersAsync(Subject, null, Stop)).Select(m => m.Digest));
        Assert.Equal([one.Digest], (await repository.ReferrersAsync(Subject, "a/sbom", Stop)).Select(m => m.Digest));
        Assert.True(await repository.DeleteManifestAsync(ManifestKey.ByDigest(one.Digest), Stop));
        Assert.Equal([two.Digest], (await repository.ReferrersAsync(Subject, null, Stop)).Select(m => m.Digest));
        Assert.True(await repository.DeleteManifestAsync(ManifestKey.ByDigest(two.Digest), Stop));
        Assert.Empty(await repository.ReferrersAsync(Subject, null, Stop));
        Assert.False(await repository.DeleteManifestAsync(ManifestKey.ByDigest(two.Digest), Stop));
    }

    [Fact]
    public async Task A_registry_that_keeps_the_list_itself_is_asked_page_by_page()
    {
        var (one, two) = (Referrer(",\"artifactType\":\"a/sbom\""), Referrer(""));
        var handler = new ScriptedHandler(request =>
        {
            var isFirst = request.RequestUri!.Query.Length == 0;
            var list = ImageIndex.Create([(isFirst ? one : two).Descriptor]);
            return isFirst
                ? Answer(HttpStatusCode.OK, Encoding.UTF8.GetString(list.Raw.Span), ("Content-Type", MediaTypes.OciIndex), ("Link", $"</v2/app/referrers/{Subject}?page=2>; rel=\"next\""))
                : Answer(HttpStatusCode.OK, Encoding.UTF8.GetString(list.Raw.Span), ("Content-Type", MediaTypes.OciIndex));
        });
        Assert.Equal([one.Digest, two.Digest], (await Repository(handler).ReferrersAsync(Subject, null, Stop)).Select(m => m.Digest));
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
        var byDigest = path[(path.LastIndexOf('/') + 1)..];
        var key = manifests.Keys.FirstOrDefault(stored => stored == path || stored.EndsWith(byDigest, StringComparison.Ordinal));
        if (key is null)
        {
            return Answer(HttpStatusCode.NotFound);
        }
        var found = manifests[key];
        if (request.Method == HttpMethod.Delete)
        {
            manifests.Remove(key);
            return Answer(HttpStatusCode.Accepted);
        }
        var response = Bytes(HttpStatusCode.OK, new MemoryStream(found.Raw.ToArray()));
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(found.MediaType);
        return response;
    });
}

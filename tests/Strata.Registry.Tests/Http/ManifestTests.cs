using System.Net;
using System.Text;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Registry.Tests.Http;

public sealed class ManifestTests
{
    [Fact]
    public async Task A_manifest_comes_back_to_the_byte_by_tag_and_by_digest()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("team/app", "one", "v1");
        // Blanks and unknown fields are part of the bytes.
        var raw = Encoding.UTF8.GetBytes("\n " + Encoding.UTF8.GetString(image.Raw.Span).Replace("{\"schemaVersion\"", "{ \"x\":[1,{}],  \"schemaVersion\"", StringComparison.Ordinal));
        using var put = await registry.SendAsync("PUT", "/v2/team/app/manifests/odd", raw, ("Content-Type", image.MediaType + "; charset=utf-8"));
        await put.MustBeAsync(HttpStatusCode.Created);
        var digest = Digest.Of(raw);
        Assert.Equal(digest.ToString(), put.Header("Docker-Content-Digest"));
        foreach (var path in (string[])["/v2/team/app/manifests/odd", $"/v2/team/app/manifests/{digest}", put.Headers.Location!.ToString()])
        {
            using var get = await registry.GetAsync(path, ("Accept", "text/html"));
            await get.MustBeAsync(HttpStatusCode.OK);
            Assert.Equal(raw, await get.Content.ReadAsByteArrayAsync());
            Assert.Equal(image.MediaType, get.Header("Content-Type"));
            Assert.Equal(digest.ToString(), get.Header("Docker-Content-Digest"));
            using var head = await registry.SendAsync("HEAD", path);
            Assert.Equal(raw.Length, head.Content.Headers.ContentLength);
            Assert.Equal(digest.ToString(), head.Header("Docker-Content-Digest"));
            using var same = await registry.GetAsync(path, ("If-None-Match", get.Header("ETag")!));
            await same.MustBeAsync(HttpStatusCode.NotModified);
        }
    }

    [Theory]
    [InlineData("v1")]
    [InlineData(".INVALID_MANIFEST_NAME")]
    [InlineData("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")]
    [InlineData("sha256:2")]
    public async Task A_manifest_that_is_not_there_is_not_found(string reference)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var get = await registry.GetAsync($"/v2/nothing/here/manifests/{reference}");
        await get.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_manifest_whose_blobs_are_missing_is_refused_with_all_of_them()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("there", "one", "v1");
        using var put = await registry.SendAsync("PUT", "/v2/elsewhere/manifests/v1", image.Raw.ToArray(), ("Content-Type", image.MediaType));
        await put.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_BLOB_UNKNOWN");
        var errors = (await put.JsonAsync()).GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("detail").GetProperty("digest").GetString()!);
        Assert.Equal([image.Config.Digest.ToString(), image.Layers[0].Digest.ToString()], errors);
        using var tags = await registry.GetAsync("/v2/elsewhere/tags/list");
        await tags.MustFailAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN");
    }

    [Fact]
    public async Task An_index_needs_its_children_and_a_cache_may_list_blobs_in_it()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("a", "one");
        var absent = Manifest.Create(image.Config, []);
        var broken = ImageIndex.Create([image.Descriptor, absent.Descriptor]);
        using var refused = await registry.SendAsync("PUT", "/v2/a/manifests/all", broken.Raw.ToArray(), ("Content-Type", broken.MediaType));
        await refused.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_BLOB_UNKNOWN");
        var whole = ImageIndex.Create([image.Descriptor, image.Layers[0]]);
        await registry.PutManifestAsync("a", "all", whole.Raw.ToArray(), whole.MediaType);
        using var get = await registry.GetAsync("/v2/a/manifests/all");
        Assert.Equal(MediaTypes.OciIndex, get.Header("Content-Type"));
    }

    [Fact]
    public async Task A_layer_that_may_not_be_distributed_need_not_be_here()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("a", "one");
        var foreign = new Descriptor { MediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest = Digest.Of("far"u8), Size = 3 };
        var manifest = Manifest.Create(image.Config, [foreign]);
        await registry.PutManifestAsync("a", "v1", manifest.Raw.ToArray(), manifest.MediaType);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("not json", "")]
    [InlineData("[]", "")]
    [InlineData("{\"schemaVersion\":1}", MediaTypes.DockerSchema1)]
    [InlineData("{\"schemaVersion\":2}", MediaTypes.OciManifest)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", MediaTypes.OciIndex)]
    [InlineData("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}", MediaTypes.OciManifest)]
    [InlineData("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}", MediaTypes.DockerManifestList)]
    [InlineData("{\"schemaVersion\":2,\"mediaType\":\"text/plain\",\"manifests\":[]}", "text/plain")]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"size\":1,\"digest\":\"sha256:short\"}]}", MediaTypes.OciIndex)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"a\":\"\\ud800\"}}", MediaTypes.OciIndex)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"a\":1}}", MediaTypes.OciIndex)]
    public async Task What_is_no_manifest_or_not_what_it_was_sent_as_is_refused(string body, string type)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var put = await registry.SendAsync("PUT", "/v2/a/manifests/v1", Encoding.UTF8.GetBytes(body), ("Content-Type", type));
        await put.MustFailAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task Json_nested_without_end_is_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        var body = "{\"schemaVersion\":2,\"manifests\":[],\"x\":" + new string('[', 100_000) + new string(']', 100_000) + "}";
        using var put = await registry.SendAsync("PUT", "/v2/a/manifests/v1", Encoding.UTF8.GetBytes(body), ("Content-Type", MediaTypes.OciIndex));
        await put.MustFailAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_manifest_of_4_MiB_is_taken_and_a_larger_one_is_413(bool chunked)
    {
        await using var registry = await TestRegistry.StartAsync();
        foreach (var (size, status) in new[] { (4 * 1024 * 1024, HttpStatusCode.Created), (4 * 1024 * 1024 + 1, HttpStatusCode.RequestEntityTooLarge) })
        {
            const string Frame = "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"a\":\"\"}}";
            var body = Encoding.UTF8.GetBytes(Frame.Replace("\"\"", $"\"{new string('x', size - Frame.Length)}\"", StringComparison.Ordinal));
            HttpContent content = chunked ? new StreamContent(new MemoryStream(body)) : new ByteArrayContent(body);
            using var put = await registry.SendAsync("PUT", "/v2/a/manifests/big", content, [("Content-Type", MediaTypes.OciIndex), .. chunked ? new[] { ("Transfer-Encoding", "chunked") } : []]);
            await put.MustBeAsync(status);
        }
    }

    [Fact]
    public async Task A_manifest_pushed_by_digest_must_be_that_digests()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("a", "one");
        var raw = image.Raw.ToArray();
        using var wrong = await registry.SendAsync("PUT", $"/v2/a/manifests/{Digest.Of("x"u8)}", raw, ("Content-Type", image.MediaType));
        await wrong.MustFailAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var none = await registry.SendAsync("PUT", "/v2/a/manifests/sha256:x", raw, ("Content-Type", image.MediaType));
        await none.MustFailAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        var sha512 = ContentHasher.DigestOf(raw, DigestAlgorithm.Sha512);
        using var put = await registry.SendAsync("PUT", $"/v2/a/manifests/{sha512}?tag=big", raw, ("Content-Type", image.MediaType));
        await put.MustBeAsync(HttpStatusCode.Created);
        Assert.Equal(sha512.ToString(), put.Header("Docker-Content-Digest"));
        using var get = await registry.GetAsync("/v2/a/manifests/big");
        Assert.Equal(sha512.ToString(), get.Header("Docker-Content-Digest"));
        Assert.Equal(raw, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task One_push_sets_many_tags_and_names_each()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("a", "one");
        var tags = Enumerable.Range(1, 12).Select(i => $"t{i:00}").ToArray();
        var query = string.Join('&', tags.Select(t => $"tag={t}"));
        using var put = await registry.SendAsync("PUT", $"/v2/a/manifests/{image.Digest}?{query}", image.Raw.ToArray(), ("Content-Type", image.MediaType));
        await put.MustBeAsync(HttpStatusCode.Created);
        Assert.Equal(string.Join(", ", tags), put.Header("OCI-Tag"));
        using var list = await registry.GetAsync("/v2/a/tags/list");
        Assert.Equal(tags, (await list.JsonAsync()).Strings("tags"));

        using var bad = await registry.SendAsync("PUT", $"/v2/a/manifests/{image.Digest}?tag=ok&tag=-bad", image.Raw.ToArray(), ("Content-Type", image.MediaType));
        await bad.MustFailAsync(HttpStatusCode.BadRequest, "TAG_INVALID");
        var many = string.Join('&', Enumerable.Range(0, 101).Select(i => $"tag=m{i}"));
        using var tooMany = await registry.SendAsync("PUT", $"/v2/a/manifests/{image.Digest}?{many}", image.Raw.ToArray(), ("Content-Type", image.MediaType));
        await tooMany.MustFailAsync(HttpStatusCode.RequestUriTooLong, "TAG_INVALID");
        using var unchanged = await registry.GetAsync("/v2/a/manifests/ok");
        await unchanged.MustBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_deleted_manifest_takes_its_tags_along_and_a_deleted_tag_leaves_its_manifest()
    {
        await using var registry = await TestRegistry.StartAsync();
        var one = await registry.PushImageAsync("a", "one", "v1", "latest");
        var two = await registry.PushImageAsync("a", "two", "v2", "two");
        using var tag = await registry.SendAsync("DELETE", "/v2/a/manifests/two");
        await tag.MustBeAsync(HttpStatusCode.Accepted);
        using var still = await registry.GetAsync($"/v2/a/manifests/{two.Digest}");
        await still.MustBeAsync(HttpStatusCode.OK);
        using var manifest = await registry.SendAsync("DELETE", $"/v2/a/manifests/{one.Digest}");
        await manifest.MustBeAsync(HttpStatusCode.Accepted);
        foreach (var gone in (string[])["v1", "latest", "two", one.Digest.ToString()])
        {
            using var get = await registry.GetAsync($"/v2/a/manifests/{gone}");
            await get.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
            using var again = await registry.SendAsync("DELETE", $"/v2/a/manifests/{gone}");
            await again.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        }
        using var list = await registry.GetAsync("/v2/a/tags/list");
        Assert.Equal(["v2"], (await list.JsonAsync()).Strings("tags"));
    }

    [Fact]
    public async Task A_tag_moved_by_many_at_once_ends_at_one_of_them_with_every_move_told()
    {
        await using var registry = await TestRegistry.StartAsync();
        var images = new List<Manifest>();
        for (var i = 0; i < 8; i++)
        {
            images.Add(await registry.PushImageAsync("a", $"image {i}"));
        }
        await Task.WhenAll(images.Select(image => registry.PutManifestAsync("a", "latest", image.Raw.ToArray(), image.MediaType)));
        using var get = await registry.GetAsync("/v2/a/manifests/latest");
        using var history = await registry.GetAsync("/v2/a/../../api/v1/repositories/a/tags/latest/history");
        var changes = (await history.JsonAsync()).GetProperty("changes").EnumerateArray().ToList();
        Assert.Equal(8, changes.Count);
        Assert.Equal(get.Header("Docker-Content-Digest"), changes[0].GetProperty("to").GetString());
        for (var i = 0; i < 7; i++)
        {
            Assert.Equal(changes[i].GetProperty("from").GetString(), changes[i + 1].GetProperty("to").GetString());
        }
    }
}

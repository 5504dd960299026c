using System.Net;
using System.Text;
using Strata.Oci;

namespace Strata.Registry.Tests.Http;

public sealed class ListTests
{
    [Fact]
    public async Task Tags_come_in_the_order_of_their_bytes_page_by_page()
    {
        await using var registry = await TestRegistry.StartAsync();
        string[] tags = ["0", "A", "Z", "_", "a", "a-b", "a.b", "z"];
        var image = await registry.PushImageAsync("a", "one", [.. tags.Reverse()]);
        var sorted = tags.OrderBy(t => t, StringComparer.Ordinal).ToArray();
        using var all = await registry.GetAsync("/v2/a/tags/list");
        var json = await all.JsonAsync();
        Assert.Equal("a", json.GetProperty("name").GetString());
        Assert.Equal(sorted, json.Strings("tags"));
        Assert.Null(all.Header("Link"));

        var collected = new List<string>();
        string? next = "/v2/a/tags/list?n=3";
        while (next is not null)
        {
            using var page = await registry.GetAsync(next);
            var names = (await page.JsonAsync()).Strings("tags");
            Assert.True(names.Length == 3 || page.Header("Link") is null);
            collected.AddRange(names);
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }
        Assert.Equal(sorted, collected);

        using var after = await registry.GetAsync("/v2/a/tags/list?last=a");
        Assert.Equal(sorted[(Array.IndexOf(sorted, "a") + 1)..], (await after.JsonAsync()).Strings("tags"));
        using var exact = await registry.GetAsync($"/v2/a/tags/list?n={tags.Length}");
        Assert.Null(exact.Header("Link"));
        using var zero = await registry.GetAsync("/v2/a/tags/list?n=0");
        Assert.Empty((await zero.JsonAsync()).Strings("tags"));
        Assert.Null(zero.Header("Link"));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("1.5")]
    public async Task A_count_that_is_none_is_refused(string n)
    {
        await using var registry = await TestRegistry.StartAsync();
        await registry.PushImageAsync("a", "one", "v1");
        using var tags = await registry.GetAsync($"/v2/a/tags/list?n={n}");
        await tags.MustFailAsync(HttpStatusCode.BadRequest, "PAGINATION_NUMBER_INVALID");
        using var huge = await registry.GetAsync("/v2/a/tags/list?n=99999999999999999999");
        await huge.MustBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_catalogue_lists_repositories_page_by_page()
    {
        await using var registry = await TestRegistry.StartAsync();
        foreach (var name in (string[])["team/b", "a", "team/a"])
        {
            await registry.PushBlobAsync(name, "x"u8.ToArray());
        }
        await registry.BeginUploadAsync("only/begun");
        using var all = await registry.GetAsync("/v2/_catalog");
        Assert.Equal(["a", "team/a", "team/b"], (await all.JsonAsync()).Strings("repositories"));
        using var page = await registry.GetAsync("/v2/_catalog?n=2");
        Assert.Equal("</v2/_catalog?n=2&last=team%2Fa>; rel=\"next\"", page.Header("Link"));
        using var rest = await registry.GetAsync("/v2/_catalog?n=2&last=team%2Fa");
        Assert.Equal(["team/b"], (await rest.JsonAsync()).Strings("repositories"));
    }

    [Fact]
    public async Task Referrers_are_listed_with_type_and_annotations_even_before_their_subject_is_there()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("a", "one");
        var subject = Digest.Of("not pushed yet"u8);
        var own = await PutReferrerAsync(registry, image, subject, "\"artifactType\":\"application/x.sbom+json\",", "{\"b\":\"é\\\"\",\"a\":\"1\"}");
        var fromConfig = await PutReferrerAsync(registry, image, subject, "", "{}");
        var index = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[],"subject":{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{subject}}","size":5} }""");
        await registry.PutManifestAsync("a", Digest.Of(index).ToString(), index, MediaTypes.OciIndex);

        using var all = await registry.GetAsync($"/v2/a/referrers/{subject}");
        await all.MustBeAsync(HttpStatusCode.OK);
        Assert.Equal(MediaTypes.OciIndex, all.Header("Content-Type"));
        Assert.Null(all.Header("OCI-Filters-Applied"));
        var list = await all.JsonAsync();
        Assert.Equal(2, list.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(MediaTypes.OciIndex, list.GetProperty("mediaType").GetString());
        var manifests = list.GetProperty("manifests").EnumerateArray().ToList();
        Assert.Equal([own.ToString(), fromConfig.ToString(), Digest.Of(index).ToString()], manifests.Select(m => m.GetProperty("digest").GetString()!));
        Assert.Equal("application/x.sbom+json", manifests[0].GetProperty("artifactType").GetString());
        Assert.Equal("é\"", manifests[0].GetProperty("annotations").GetProperty("b").GetString());
        Assert.Equal(MediaTypes.OciConfig, manifests[1].GetProperty("artifactType").GetString());
        Assert.False(manifests[2].TryGetProperty("artifactType", out _));
        Assert.Equal(index.Length, manifests[2].GetProperty("size").GetInt64());

        using var filtered = await registry.GetAsync($"/v2/a/referrers/{subject}?artifactType=application%2Fx.sbom%2Bjson");
        Assert.Equal("artifactType", filtered.Header("OCI-Filters-Applied"));
        Assert.Equal(own.ToString(), (await filtered.JsonAsync()).GetProperty("manifests").EnumerateArray().Single().GetProperty("digest").GetString());
        using var deleted = await registry.SendAsync("DELETE", $"/v2/a/manifests/{own}");
        using var fewer = await registry.GetAsync($"/v2/a/referrers/{subject}");
        Assert.Equal(2, (await fewer.JsonAsync()).GetProperty("manifests").GetArrayLength());
    }

    [Fact]
    public async Task A_subject_without_referrers_has_an_empty_list_and_none_at_all_is_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var empty = await registry.GetAsync($"/v2/unknown/referrers/{Digest.Of("x"u8)}");
        await empty.MustBeAsync(HttpStatusCode.OK);
        Assert.Equal(0, (await empty.JsonAsync()).GetProperty("manifests").GetArrayLength());
        foreach (var bad in (string[])["sha256:x", "latest", ""])
        {
            using var refused = await registry.GetAsync($"/v2/unknown/referrers/{bad}");
            await refused.MustFailAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        }
    }

    [Fact]
    public async Task Long_lists_of_referrers_go_on_in_a_next_page()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync("a", "one");
        var subject = Digest.Of("s"u8);
        var large = $"{{\"x\":\"{new string('y', 1_200_000)}\"}}";
        var pushed = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            pushed.Add((await PutReferrerAsync(registry, image, subject, $"\"artifactType\":\"a/{i}+x\",", large)).ToString());
        }
        var seen = new List<string>();
        var pages = 0;
        string? next = $"/v2/a/referrers/{subject}";
        while (next is not null)
        {
            using var page = await registry.GetAsync(next);
            seen.AddRange((await page.JsonAsync()).GetProperty("manifests").EnumerateArray().Select(m => m.GetProperty("digest").GetString()!));
            Assert.True(page.Content.Headers.ContentLength < Manifest.MaxSize + 1_300_000);
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
            pages++;
        }
        Assert.Equal(pushed, seen);
        Assert.Equal(2, pages);
    }

    private static async Task<Digest> PutReferrerAsync(TestRegistry registry, Manifest image, Digest subject, string artifactType, string annotations)
    {
        var raw = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",{{artifactType}}
             "config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{image.Config.Digest}}","size":{{image.Config.Size}}},"layers":[],
             "subject":{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{subject}}","size":5},"annotations":{{annotations}}}
            """);
        var digest = Digest.Of(raw);
        using var put = await registry.SendAsync("PUT", $"/v2/a/manifests/{digest}", raw, ("Content-Type", MediaTypes.OciManifest));
        await put.MustBeAsync(HttpStatusCode.Created);
        Assert.Equal(subject.ToString(), put.Header("OCI-Subject"));
        return digest;
    }
}

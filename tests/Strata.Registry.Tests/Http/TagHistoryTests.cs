using System.Net;
using System.Text;

namespace Strata.Registry.Tests.Http;

public sealed class TagHistoryTests
{
    private const string Api = "/api/v1/repositories/team/app/tags/latest";

    [Fact]
    public async Task A_tags_changes_are_told_newest_first()
    {
        await using var registry = await TestRegistry.StartAsync();
        var one = (await registry.PushImageAsync("team/app", "one", "latest")).Digest.ToString();
        var two = (await registry.PushImageAsync("team/app", "two", "latest")).Digest.ToString();
        await registry.PushImageAsync("team/app", "two", "latest");
        using var delete = await registry.SendAsync("DELETE", "/v2/team/app/manifests/latest");

        using var history = await registry.GetAsync(Api + "/history");
        await history.MustBeAsync(HttpStatusCode.OK);
        var json = await history.JsonAsync();
        Assert.Equal(("team/app", "latest"), (json.GetProperty("name").GetString(), json.GetProperty("tag").GetString()));
        Assert.False(json.TryGetProperty("digest", out _));
        var changes = json.GetProperty("changes").EnumerateArray()
            .Select(c => (c.TryGetProperty("from", out var from) ? from.GetString() : null, c.TryGetProperty("to", out var to) ? to.GetString() : null));
        Assert.Equal([(two, null), (one, two), (null, one)], changes);

        using var page = await registry.GetAsync(Api + "/history?n=2");
        var next = page.Header("Link")!;
        using var rest = await registry.GetAsync(next[1..next.IndexOf('>', StringComparison.Ordinal)]);
        Assert.Equal(one, (await rest.JsonAsync()).GetProperty("changes").EnumerateArray().Single().GetProperty("to").GetString());
    }

    [Fact]
    public async Task Each_rollback_goes_further_back_until_there_is_nothing_earlier()
    {
        await using var registry = await TestRegistry.StartAsync();
        var one = (await registry.PushImageAsync("team/app", "one", "latest")).Digest.ToString();
        var two = (await registry.PushImageAsync("team/app", "two", "latest")).Digest.ToString();
        var three = (await registry.PushImageAsync("team/app", "three", "latest")).Digest.ToString();
        foreach (var (from, to) in new[] { (three, two), (two, one) })
        {
            using var rollback = await registry.SendAsync("POST", Api + "/rollback");
            await rollback.MustBeAsync(HttpStatusCode.OK);
            var json = await rollback.JsonAsync();
            Assert.Equal((from, to), (json.GetProperty("from").GetString(), json.GetProperty("to").GetString()));
            using var get = await registry.GetAsync("/v2/team/app/manifests/latest");
            Assert.Equal(to, get.Header("Docker-Content-Digest"));
        }
        using var last = await registry.SendAsync("POST", Api + "/rollback");
        await last.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        Assert.Contains("meant nothing earlier", await last.Content.ReadAsStringAsync(TestRegistry.Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tag_goes_back_to_a_digest_even_after_it_was_removed()
    {
        await using var registry = await TestRegistry.StartAsync();
        var one = (await registry.PushImageAsync("team/app", "one", "latest")).Digest.ToString();
        await registry.PushImageAsync("team/app", "two", "latest");
        using var delete = await registry.SendAsync("DELETE", "/v2/team/app/manifests/latest");
        using var rollback = await registry.SendAsync("POST", Api + "/rollback", Encoding.UTF8.GetBytes($$"""{"to":"{{one}}"}"""));
        await rollback.MustBeAsync(HttpStatusCode.OK);
        using var get = await registry.GetAsync("/v2/team/app/manifests/latest");
        Assert.Equal(one, get.Header("Docker-Content-Digest"));
    }

    [Fact]
    public async Task A_rollback_passes_over_what_was_deleted_to_the_newest_that_is_still_there()
    {
        await using var registry = await TestRegistry.StartAsync();
        var one = (await registry.PushImageAsync("team/app", "one", "latest")).Digest.ToString();
        var two = (await registry.PushImageAsync("team/app", "two", "latest")).Digest.ToString();
        var three = (await registry.PushImageAsync("team/app", "three", "latest")).Digest.ToString();
        foreach (var digest in new[] { two, three })
        {
            using var delete = await registry.SendAsync("DELETE", $"/v2/team/app/manifests/{digest}");
            await delete.MustBeAsync(HttpStatusCode.Accepted);
        }
        using var rollback = await registry.SendAsync("POST", Api + "/rollback");
        await rollback.MustBeAsync(HttpStatusCode.OK);
        using var get = await registry.GetAsync("/v2/team/app/manifests/latest");
        Assert.Equal(one, get.Header("Docker-Content-Digest"));
    }

    [Fact]
    public async Task A_tag_stays_where_it_is_when_there_is_nothing_to_go_back_to()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var unknown = await registry.SendAsync("POST", Api + "/rollback");
        await unknown.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        using var noHistory = await registry.GetAsync(Api + "/history");
        await noHistory.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        var one = (await registry.PushImageAsync("team/app", "one", "latest")).Digest.ToString();
        using var first = await registry.SendAsync("POST", Api + "/rollback");
        await first.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        var two = (await registry.PushImageAsync("team/app", "two", "latest")).Digest.ToString();
        using var deleted = await registry.SendAsync("DELETE", $"/v2/team/app/manifests/{one}");
        using var gone = await registry.SendAsync("POST", Api + "/rollback");
        await gone.MustFailAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        Assert.Contains(one, (await gone.JsonAsync()).GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        using var get = await registry.GetAsync("/v2/team/app/manifests/latest");
        Assert.Equal(two, get.Header("Docker-Content-Digest"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"to\":\"latest\"}")]
    [InlineData("{\"to\":1}")]
    public async Task A_body_that_names_no_digest_is_refused(string body)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var answer = await registry.SendAsync("POST", Api + "/rollback", Encoding.UTF8.GetBytes(body));
        await answer.MustFailAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }
}

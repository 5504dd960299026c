using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Authentication;

namespace Strata.Remote.Transfers;

/// <summary>Tags of one repository: listed page by page, and, in registries of Strata, what they meant before.</summary>
internal sealed class RemoteTags(RepositoryAccess access)
{
    private const int PageSize = 1000;
    private const int MaxPages = 10_000;
    private const int MaxBody = 8 * 1024 * 1024;

    public async IAsyncEnumerable<Tag> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? path = $"tags/list?n={PageSize}";
        for (var page = 0; path is not null; page++)
        {
            if (page == MaxPages)
            {
                throw new RegistryException($"{access.Registry} lists the tags of {access.Name} without end.");
            }
            var what = $"The list of tags of {access.Registry}/{access.Name}";
            var document = await access.FetchAsync(path, MaxBody, what, cancellationToken)
                ?? throw new RegistryException($"{access.Registry} has no repository {access.Name}.")
                {
                    Status = HttpStatusCode.NotFound,
                    Hint = $"is it spelled right? A private one may need: strata login {access.Registry}",
                };
            var list = Parse(document.Raw, RemoteJson.Default.TagListDocument);
            path = LinkHeader.NextPath(document, what);
            foreach (var text in list.Tags ?? [])
            {
                // A name that is no tag could not be asked for anyway.
                if (Tag.TryParse(text, out var tag))
                {
                    yield return tag;
                }
            }
        }
    }

    public async Task<IReadOnlyList<TagChange>> HistoryAsync(Tag tag, CancellationToken cancellationToken)
    {
        var answer = await access.FetchAsync($"{PathOf(tag)}/history", MaxBody, $"The history of {access.Name}:{tag}", cancellationToken) ?? throw NoHistory(tag);
        var document = Parse(answer.Raw, RemoteJson.Default.TagHistoryDocument);
        return [.. (document.Changes ?? []).Select(c => new TagChange(c.Id, DigestOf(c.From), DigestOf(c.To), c.By, c.At))];
    }

    public async Task<(Digest? From, Digest To)> RollbackAsync(Tag tag, Digest? to, CancellationToken cancellationToken)
    {
        using var response = await access.SendAsync(HttpMethod.Post, $"{PathOf(tag)}/rollback", AccessScope.Push(access.Name), cancellationToken, request =>
        {
            if (to is { } goal)
            {
                request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new RollbackDocument(goal.ToString()), RemoteJson.Default.RollbackDocument));
                request.Content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
            }
        }, isRepeatable: to is not null);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            throw new RegistryException(
                $"{access.Registry} has nothing that {access.Name}:{tag} could go back to: it meant nothing else before, or that was deleted; only registries of strata remember what a tag meant.")
            {
                Status = HttpStatusCode.NotFound,
                Hint = $"`strata tags history {access.Registry}/{access.Name}:{tag}` lists what it meant; `--to DIGEST` goes to any manifest that is still there",
            };
        }
        var answer = await ReadAsync(response, RemoteJson.Default.RollbackAnswer, cancellationToken);
        return DigestOf(answer.To) is { } now
            ? (DigestOf(answer.From), now)
            : throw new RegistryException($"{access.Registry} moved the tag {tag} of {access.Name} without saying where.");
    }

    private string PathOf(Tag tag) => $"/api/v1/repositories/{access.Name}/tags/{tag}";

    private RegistryException NoHistory(Tag tag) =>
        new($"{access.Registry} knows nothing earlier of {access.Name}:{tag}; only registries of strata remember what a tag meant.") { Status = HttpStatusCode.NotFound };

    private static Digest? DigestOf(string? text) => Digest.TryParse(text, out var digest) ? digest : null;

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var idle = access.Watch(cancellationToken);
        using var body = await response.Content.ReadAsStreamAsync(idle.Token);
        var raw = await BoundedStream.ReadAllAsync(body, MaxBody, "The registry's answer", idle.Token);
        return Parse(raw, type);
    }

    private T Parse<T>(byte[] raw, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(raw, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new RegistryException($"{access.Registry} answered about {access.Name} with something that is not the JSON of a registry. Is it one?");
        }
    }
}

using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Strata.Content;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Remote.Credentials;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;
using static Strata.Remote.Tests.ScriptedHandler;

namespace Strata.Remote.Tests;

public sealed class AuthenticationTests
{
    private const string Challenge = "Bearer realm=\"https://auth.example/token\",service=\"reg\",scope=\"repository:app:pull\"";
    private static readonly string AliceBasic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("alice:open sesame"));

    [Fact]
    public async Task A_token_is_fetched_once_and_used_for_all_that_follows()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == "auth.example" ? Answer(HttpStatusCode.OK, """{"token":"t1","expires_in":300}""")
            : request.Headers.Authorization?.ToString() == "Bearer t1" ? Answer(HttpStatusCode.OK)
            : Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", Challenge)));
        var repository = Repository(handler, Alice);
        var blob = RandomImage.Create(1).ConfigDescriptor;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => repository.HasBlobAsync(blob, Stop).AsTask()));
        Assert.True(await repository.HasBlobAsync(blob, Stop));
        var tokens = handler.Requests.Where(r => r.Contains("auth.example", StringComparison.Ordinal)).ToList();
        Assert.Equal([$"GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull&account=alice&client_id=strata {AliceBasic}"], tokens);
        Assert.DoesNotContain(handler.Requests, r => r.Contains(Host, StringComparison.Ordinal) && r.Contains("Basic", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_server_that_stays_silent_is_given_up_and_holds_up_no_other_registry(bool afterItsHeaders)
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var handler = new ScriptedHandler(request =>
        {
            switch (request.RequestUri!.Host)
            {
                case "auth.example":
                    asked.TrySetResult();
                    return afterItsHeaders
                        ? Task.FromResult(Bytes(HttpStatusCode.OK, new Pipe().Reader.AsStream()))
                        : new TaskCompletionSource<HttpResponseMessage>().Task;
                case "auth.other.example":
                    return Task.FromResult(Answer(HttpStatusCode.OK, """{"token":"t2"}"""));
                case var host:
                    return Task.FromResult(request.Headers.Authorization is not null ? Answer(HttpStatusCode.OK)
                        : Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", host == Host ? Challenge : "Bearer realm=\"https://auth.other.example/token\"")));
            }
        });
        var client = Client(handler, time: time);
        var blob = RandomImage.Create(1).ConfigDescriptor;
        var waiting = client.Repository(Host, RepositoryName.Parse("app")).HasBlobAsync(blob, Stop).AsTask();
        await asked.Task.WaitAsync(Stop);
        Assert.True(await client.Repository("other.example", RepositoryName.Parse("app")).HasBlobAsync(blob, Stop).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.False(waiting.IsCompleted);
        time.Advance(IdleTimeout);
        var error = await Assert.ThrowsAsync<RegistryException>(() => waiting.WaitAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.Equal($"The token server auth.example of {Host} gave no answer for 36000 seconds; try again later.", error.Message);
    }

    [Fact]
    public async Task A_token_that_is_too_narrow_is_replaced_by_one_with_the_scope_that_is_missing()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == "auth.example"
            ? Answer(HttpStatusCode.OK, $$"""{"token": "{{(request.RequestUri.Query.Contains("other", StringComparison.Ordinal) ? "wide" : "narrow")}}"}""")
            : request.Headers.Authorization?.Parameter switch
            {
                "wide" => Answer(HttpStatusCode.OK),
                "narrow" => Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", "Bearer realm=\"https://auth.example/token\",scope=\"repository:other:pull\",error=\"insufficient_scope\"")),
                _ => Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", Challenge)),
            });
        var repository = Repository(handler);
        var blob = RandomImage.Create(1).ConfigDescriptor;
        await Assert.ThrowsAsync<RegistryException>(async () => await repository.HasBlobAsync(blob, Stop));
        Assert.True(await repository.HasBlobAsync(blob, Stop));
    }

    [Fact]
    public async Task Anybody_gets_a_token_without_credentials()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == "auth.example" ? Answer(HttpStatusCode.OK, """{"access_token":"t1"}""")
            : request.Headers.Authorization is not null ? Answer(HttpStatusCode.OK)
            : Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", Challenge)));
        Assert.True(await Repository(handler).HasBlobAsync(RandomImage.Create(1).ConfigDescriptor, Stop));
        Assert.Contains("GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull&client_id=strata", handler.Requests);
    }

    [Fact]
    public async Task An_identity_token_is_exchanged_by_post()
    {
        string? form = null;
        var handler = new ScriptedHandler(async request =>
        {
            if (request.RequestUri!.Host != "auth.example")
            {
                return request.Headers.Authorization is not null ? Answer(HttpStatusCode.OK) : Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", Challenge));
            }
            form = $"{request.Method} {await request.Content!.ReadAsStringAsync(Stop)}";
            return Answer(HttpStatusCode.OK, """{"access_token":"t1","expires_in":60}""");
        });
        await Repository(handler, new Credential.IdentityToken(new Secret("refresh"))).HasBlobAsync(RandomImage.Create(1).ConfigDescriptor, Stop);
        Assert.Equal("POST grant_type=refresh_token&service=reg&client_id=strata&scope=repository%3Aapp%3Apull&refresh_token=refresh", form);
    }

    [Fact]
    public async Task A_login_asks_for_a_token_that_stands_for_the_password()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == "auth.example" ? Answer(HttpStatusCode.OK, """{"token":"t1","refresh_token":"for-ever"}""")
            : request.Headers.Authorization?.ToString() == "Bearer t1" ? Answer(HttpStatusCode.OK)
            : Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", "Bearer realm=\"https://auth.example/token\",service=\"reg\"")));
        Credential.IdentityToken? kept = null;
        using var client = new RegistryClient(handler, new RegistryClientOptions { Credentials = new GivenCredential(Host, Alice), KeepIdentityToken = token => kept = token });
        await client.PingAsync(Host, Reach.Usual, Stop);
        Assert.Equal("for-ever", kept?.Token.Reveal());
        Assert.Contains($"GET https://auth.example/token?service=reg&account=alice&offline_token=true&client_id=strata {AliceBasic}", handler.Requests);
    }

    [Fact]
    public async Task Two_repositories_of_a_registry_may_have_two_logins()
    {
        var handler = new ScriptedHandler(request => Answer(request.Headers.Authorization is null ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, "", ("WWW-Authenticate", "Basic realm=\"x\"")));
        using var client = new RegistryClient(handler, new RegistryClientOptions { Credentials = new LoginByName() });
        var blob = RandomImage.Create(1).ConfigDescriptor;
        foreach (var name in new[] { "one", "two", "one" })
        {
            Assert.True(await client.Repository(Host, RepositoryName.Parse(name)).HasBlobAsync(blob, Stop));
        }
        string Sent(string name) => $"HEAD https://{Host}/v2/{name}/blobs/{blob.Digest} Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:x"))}";
        Assert.Equal([Sent("one"), Sent("two"), Sent("one")], handler.Requests.Where(request => request.Contains("Basic", StringComparison.Ordinal)));
    }

    private sealed class LoginByName : ICredentialSource
    {
        public ValueTask<Credential?> FindAsync(LoginName name, CancellationToken cancellationToken) =>
            ValueTask.FromResult<Credential?>(new Credential.Basic(name.Path.ToString()!, new Secret("x")));
    }

    [Fact]
    public async Task Basic_is_answered_once_for_all_scopes()
    {
        var handler = new ScriptedHandler(request => request.Headers.Authorization?.ToString() == AliceBasic
            ? Answer(request.Method == HttpMethod.Post ? HttpStatusCode.Accepted : HttpStatusCode.Created, "", ("Location", "/v2/app/blobs/uploads/1?state=x"))
            : Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", "Basic realm=\"r\"")));
        var repository = Repository(handler, Alice);
        var (blob, content) = RandomImage.Create(1).Blobs[0];
        await repository.HasBlobAsync(blob, Stop);
        await repository.PutBlobAsync(blob, new MemoryStream(content), Stop);
        Assert.Equal(
            [
                $"HEAD https://{Host}/v2/app/blobs/{blob.Digest}",
                $"HEAD https://{Host}/v2/app/blobs/{blob.Digest} {AliceBasic}",
                $"POST https://{Host}/v2/app/blobs/uploads/ {AliceBasic}",
                $"PUT https://{Host}/v2/app/blobs/uploads/1?state=x&digest={Uri.EscapeDataString(blob.Digest.ToString())} {AliceBasic}",
            ],
            handler.Requests);
    }

    [Fact]
    public async Task Wrong_credentials_are_tried_once_and_the_message_says_how_to_log_in()
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.Unauthorized, """{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}""", ("WWW-Authenticate", "Basic realm=\"r\"")));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler, Alice).GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop));
        Assert.Equal(2, handler.Requests.Count);
        Assert.Equal(
            $"GET https://{Host}/v2/app/manifests/latest was answered with 401 Unauthorized (UNAUTHORIZED: no).", error.Message);
        Assert.Equal($"log in first, or again: strata login {Host}", error.Hint);
        Assert.DoesNotContain("sesame", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_replaced_and_one_that_ends_is_renewed()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var (issued, valid) = (0, "t1");
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == "auth.example" ? Answer(HttpStatusCode.OK, $$"""{"token":"t{{++issued}}","expires_in":300}""")
            : request.Headers.Authorization?.Parameter == valid ? Answer(HttpStatusCode.OK)
            : Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", Challenge)));
        var repository = Repository(handler, Alice, time);
        var blob = RandomImage.Create(1).ConfigDescriptor;
        await repository.HasBlobAsync(blob, Stop);
        valid = "t2";
        Assert.True(await repository.HasBlobAsync(blob, Stop));
        time.Advance(TimeSpan.FromSeconds(295));
        valid = "t3";
        Assert.True(await repository.HasBlobAsync(blob, Stop));
        Assert.Equal(3, issued);
    }

    [Theory]
    [InlineData("http://auth.example/token")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://localhost/token")]
    [InlineData("file:///etc/passwd")]
    [InlineData("token")]
    public async Task A_token_server_that_must_not_be_called_is_not(string realm)
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", $"Bearer realm=\"{realm}\"")));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler, Alice).HasBlobAsync(RandomImage.Create(1).ConfigDescriptor, Stop));
        Assert.Contains(realm, error.Message, StringComparison.Ordinal);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task Credentials_do_not_follow_a_redirect_to_another_host()
    {
        var (blob, content) = RandomImage.Create(1).Blobs[0];
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == "cdn.example" ? Bytes(HttpStatusCode.OK, new MemoryStream(content))
            : request.Headers.Authorization is null ? Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", "Basic"))
            : Answer(HttpStatusCode.TemporaryRedirect, "", ("Location", "https://cdn.example/x?signature=secret")));
        Assert.Equal(content, await ImageAssert.ReadBlob(Repository(handler, Alice), blob, Stop));
        Assert.Contains("GET https://cdn.example/x?signature=secret", handler.Requests);
    }

    [Theory]
    [InlineData("Bearer realm=\"https://evil.example/token\",service=\"reg\"")]
    [InlineData("Basic realm=\"r\"")]
    public async Task A_redirect_to_another_host_that_wants_credentials_gets_none(string challenge)
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host switch
        {
            Host => Answer(HttpStatusCode.TemporaryRedirect, "", ("Location", "https://cdn.example/x?signature=secret")),
            "cdn.example" => Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", challenge)),
            _ => Answer(HttpStatusCode.OK, """{"token":"t1"}"""),
        });
        var blob = RandomImage.Create(1).ConfigDescriptor;
        foreach (var login in new Credential[] { Alice, new Credential.IdentityToken(new Secret("refresh")) })
        {
            handler.Requests.Clear();
            var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler, login).OpenBlobAsync(blob, Stop));
            Assert.Equal(HttpStatusCode.Unauthorized, error.Status);
            Assert.StartsWith($"it was cdn.example that refused, where {Host} sends its clients", error.Hint, StringComparison.Ordinal);
            Assert.Equal(
                [$"GET https://{Host}/v2/app/blobs/{blob.Digest}", "GET https://cdn.example/x?signature=secret"], handler.Requests);
        }
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("GET")]
    [InlineData("PATCH")]
    [InlineData("PUT after PATCH")]
    public async Task A_place_of_an_upload_on_another_host_that_wants_credentials_gets_none(string refused)
    {
        var (isPatched, isRefused) = (false, false);
        var handler = new ScriptedHandler(request =>
        {
            var (method, host) = (request.Method.Method, request.RequestUri!.Host);
            if (host == Host)
            {
                return method == "POST"
                    ? Answer(HttpStatusCode.Accepted, "", ("Location", "https://cdn.example/up/1"))
                    : Answer(HttpStatusCode.NotFound);
            }
            if (host != "cdn.example")
            {
                return Answer(HttpStatusCode.OK, """{"token":"t1"}""");
            }
            if (method == refused || (isPatched && method == "PUT" && refused == "PUT after PATCH"))
            {
                isRefused = true;
                return Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", "Bearer realm=\"https://evil.example/token\""));
            }
            isPatched |= method == "PATCH";
            return method switch
            {
                "PUT" => throw new HttpRequestException(HttpRequestError.ResponseEnded, "gone"),
                "GET" => Answer(HttpStatusCode.NoContent, "", ("Range", "0-9")),
                _ => Answer(HttpStatusCode.Accepted),
            };
        });
        var image = RandomImage.Create(1);
        var source = new MemoryMedium();
        await image.WriteAsync(source, Tag.Latest, Stop);
        using var content = await source.OpenBlobAsync(image.Layers[0], Stop);
        var repository = Repository(handler, Alice).ReadingAgainFrom(source);
        await Assert.ThrowsAsync<RegistryException>(async () => await repository.PutBlobAsync(image.Layers[0], content!, Stop));
        Assert.True(isRefused);
        Assert.DoesNotContain(handler.Requests, request => request.Contains("evil.example", StringComparison.Ordinal));
        // Nobody was told anything: each is method and place alone.
        Assert.All(handler.Requests, request => Assert.Equal(2, request.Split(' ').Length));
    }

    [Fact]
    public async Task A_redirect_away_from_https_is_not_followed()
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.TemporaryRedirect, "", ("Location", "http://cdn.example/x")));
        await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler).OpenBlobAsync(RandomImage.Create(1).ConfigDescriptor, Stop));
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task Docker_hub_is_asked_at_its_own_address()
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.OK));
        await Client(handler).PingAsync("docker.io", Reach.Usual, Stop);
        Assert.Equal(["GET https://registry-1.docker.io/v2/"], handler.Requests);
    }

    [Fact]
    public async Task A_loopback_registry_without_tls_is_spoken_to_plainly_and_others_are_not()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Scheme == "https"
            ? throw new HttpRequestException(HttpRequestError.SecureConnectionError, "Cannot determine the frame size.")
            : Answer(HttpStatusCode.OK));
        var client = Client(handler);
        await client.PingAsync("localhost:5000", Reach.Usual, Stop);
        await client.PingAsync("[::1]:5000", Reach.Usual, Stop);
        Assert.Contains("GET http://localhost:5000/v2/", handler.Requests);
        var error = await Assert.ThrowsAsync<RegistryException>(() => client.PingAsync(Host, Reach.Usual, Stop));
        Assert.Equal($"No secure connection to {Host}: Cannot determine the frame size.", error.Message);
        Assert.Equal($"if its certificate is signed by an authority of your own, put that as ca.crt in /etc/containers/certs.d/{Host}/; --tls-verify=false asks for no certificate at all", error.Hint);
        Assert.DoesNotContain(handler.Requests, r => r.Contains($"http://{Host}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_does_not_show_itself()
    {
        Assert.DoesNotContain("sesame", $"{Alice} {Alice.Password}", StringComparison.Ordinal);
    }
}

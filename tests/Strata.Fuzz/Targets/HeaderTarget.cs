using System.Text;
using Strata.Content;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote;
using Strata.Remote.Authentication;
using Strata.Remote.Credentials;
using Strata.Remote.Transfers;
using Strata.Testing;

namespace Strata.Fuzz.Targets;

/// <summary>
/// What registries and token servers answer: Link, Content-Range, Range, Location, Retry-After, Docker-Content-Digest, WWW-Authenticate,
/// documents. Every verb of the client is tried on the same answers and ends in a result that holds, or in one of its own errors.
/// </summary>
internal static class HeaderTarget
{
    private const string Host = "reg.example";

    /// <summary>What the seeds' answers speak of.</summary>
    public static readonly byte[] Blob = Encoding.ASCII.GetBytes(new string('b', 300));

    // A pause is nothing, a wait for a body that stands still is not met: all bodies are in memory.
    private static readonly HastyTime Time = new(100_000);
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);
    private static readonly Descriptor Described = new() { MediaType = MediaTypes.OctetStream, Digest = Digest.Of(Blob), Size = Blob.Length };

    public static void Read(byte[] input)
    {
        var answers = AnswerScript.Split(input);
        if (AccessToken.TryParse(Encoding.Latin1.GetBytes(answers[0]), DateTimeOffset.UnixEpoch, out var token) && token.Token.Reveal().Length == 0)
        {
            throw new InvalidOperationException("A token is empty.");
        }
        LinkHeader.Next(answers[0].Split('\n'));
        foreach (var verb in Verbs)
        {
            Try(answers, verb);
        }
    }

    private static readonly Func<RemoteRepository, RegistryClient, Task>[] Verbs =
    [
        static (_, client) => client.PingAsync(Host, Reach.Usual, CancellationToken.None),
        static async (repository, _) =>
        {
            await foreach (var tag in repository.ListTagsAsync(CancellationToken.None))
            {
                Same(Tag.Parse(tag.ToString()), tag);
            }
        },
        static async (repository, _) => Same((await repository.GetManifestAsync(ManifestKey.ByDigest(Described.Digest), CancellationToken.None))?.Digest ?? Described.Digest, Described.Digest),
        static async (repository, _) => await repository.GetManifestAsync(ManifestKey.ByTag(Tag.Latest), CancellationToken.None),
        static (repository, _) => repository.ResolveAsync(ManifestKey.ByTag(Tag.Latest), CancellationToken.None),
        static (repository, _) => repository.ReferrersAsync(Described.Digest, null, CancellationToken.None),
        static async (repository, _) =>
        {
            await using var content = await repository.OpenBlobAsync(Described, CancellationToken.None);
            if (content is not null && await BoundedStream.ReadAllAsync(content, Blob.Length, "The blob", CancellationToken.None) is var read && !read.AsSpan().SequenceEqual(Blob))
            {
                throw new InvalidOperationException("A blob was read that is another.");
            }
        },
        static async (repository, _) =>
        {
            var medium = new MemoryMedium();
            await medium.PutBlobAsync(Described, new MemoryStream(Blob), CancellationToken.None);
            await repository.ReadingAgainFrom(medium).PutBlobAsync(Described, new MemoryStream(Blob), CancellationToken.None);
        },
        static (repository, _) => repository.TagHistoryAsync(Tag.Latest, CancellationToken.None),
    ];

    private static void Try(IReadOnlyList<string> answers, Func<RemoteRepository, RegistryClient, Task> verb)
    {
        using var handler = new AnswerScript(answers, Host);
        using var client = new RegistryClient(handler, new RegistryClientOptions
        {
            Credentials = new GivenCredential(Host, new Credential.Basic("user", new Secret("password"))),
            Time = Time,
            IdleTimeout = Patience,
            Chance = static () => 0.5,
        });
        try
        {
            verb(client.Repository(Host, RepositoryName.Parse("team/app")), client).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is RegistryException or InvalidImageException or ContentMismatchException or ContentTooLargeException)
        {
        }
    }

    private static void Same<T>(T one, T other)
    {
        if (!Equals(one, other))
        {
            throw new InvalidOperationException($"{one} is not {other}.");
        }
    }
}

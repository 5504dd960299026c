using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>An image to send round, and what is compared when it comes back.</summary>
internal static class RoundTrip
{
    /// <summary>What a container of the image prints.</summary>
    public const string Prints = "from-context\nfrom-run\n";

    private const string Dockerfile = $"""
        FROM {Workplace.Base}
        WORKDIR /app
        COPY a.txt /app/
        RUN echo from-run > b.txt && ln -s b.txt c && ln a.txt hard && mkfifo pipe && chown 1000:1000 b.txt
        ENTRYPOINT ["cat"]
        CMD ["/app/hard", "/app/c"]
        """;

    /// <summary>Builds the image; the answer is its id.</summary>
    public static async Task<string> BuildAsync(Workplace place, string name)
    {
        var context = place.Context("app", ("Dockerfile", Dockerfile), ("a.txt", "from-context\n"));
        return (await place.StrataAsync("build", "-q", "-t", name, context)).Succeeded().LastLine;
    }

    /// <summary>Gives the image a name in a registry and pushes it; the answer is the manifest's digest.</summary>
    public static async Task<string> PushAsync(Workplace place, string image, string name)
    {
        (await place.StrataAsync("tag", image, name)).Succeeded();
        return (await place.StrataAsync("push", "-q", name)).Succeeded().LastLine;
    }

    public static async Task<string> CopyAsync(Workplace place, params string[] arguments) =>
        (await place.StrataAsync(["copy", "-q", .. arguments])).Succeeded().LastLine;

    /// <summary>Loads an archive into the store in that folder; the answer is the images' names, in order.</summary>
    public static async Task<IEnumerable<string>> LoadAsync(Workplace place, string root, string archive) =>
        (await place.StrataInAsync(root, "load", "-q", "-i", archive)).Succeeded().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line["Loaded image: ".Length..])
            .Order();

    /// <summary>What a container of an image in that store prints.</summary>
    public static async Task<string> RunAsync(Workplace place, string root, params string[] arguments) =>
        (await place.StrataInAsync(root, ["run", "--rm", "-q", .. arguments])).Succeeded().Output;

    /// <summary>The digest of the manifest that an image in that store came with.</summary>
    public static async Task<string> ManifestAsync(Workplace place, string root, string name) =>
        DigestOf((await place.StrataInAsync(root, "inspect", "--raw", name)).Succeeded().Output);

    /// <summary>The id of the image that has the name in that store.</summary>
    public static async Task<string> IdAsync(Workplace place, string root, string name) =>
        (await place.StrataInAsync(root, "images", "-q", "--no-trunc", name)).Succeeded().LastLine;

    public static string DigestOf(string text) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static JsonElement Json(CommandResult result) => JsonElement.Parse(result.Succeeded().Output);
}

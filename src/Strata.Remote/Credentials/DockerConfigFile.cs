using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Strata.Content;
using Strata.Oci;

namespace Strata.Remote.Credentials;

/// <summary>
/// Docker's config.json: the logins that docker, podman and buildah share. Only the logins are touched; all else in it survives.
/// Where the file names a credential helper, the helper is asked and told.
/// </summary>
public sealed class DockerConfigFile(string path) : ICredentialSource
{
    private const string Auths = "auths";
    private const string DockerHubKey = "https://index.docker.io/v1/";
    private const int MaxSize = 4 * 1024 * 1024;

    // What docker-credential helpers call a login that is an identity token.
    private const string TokenUser = "<token>";

    // Which of two values counts, other programs decide otherwise.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public string Path => path;

    /// <summary>Where these variables put it: REGISTRY_AUTH_FILE, else DOCKER_CONFIG's folder, else ~/.docker.</summary>
    public static DockerConfigFile Locate(Func<string, string?> variable)
    {
        if (variable("REGISTRY_AUTH_FILE") is { Length: > 0 } file)
        {
            return new DockerConfigFile(file);
        }
        var folder = variable("DOCKER_CONFIG") is { Length: > 0 } given ? given : System.IO.Path.Combine(variable("HOME") ?? "/root", ".docker");
        return new DockerConfigFile(System.IO.Path.Combine(folder, "config.json"));
    }

    public async ValueTask<Credential?> FindAsync(string registry, CancellationToken cancellationToken)
    {
        var config = Read();
        if (HelperFor(config, registry) is { } helper)
        {
            var answer = await helper.GetAsync(KeysOf(registry)[0], cancellationToken);
            if (answer is { } found)
            {
                return found.UserName == TokenUser
                    ? new Credential.IdentityToken(found.Secret)
                    : new Credential.Basic(found.UserName, found.Secret);
            }
        }
        return EntryOf(config, registry) is { } entry ? ReadEntry(entry, registry) : null;
    }

    /// <summary>Keeps the login; an earlier one for the same registry is replaced. Gives back where it is kept.</summary>
    public async Task<string> LoginAsync(string registry, Credential.Basic credential, CancellationToken cancellationToken)
    {
        var config = Read();
        if (HelperFor(config, registry) is { } helper)
        {
            await helper.StoreAsync(KeysOf(registry)[0], credential.UserName, credential.Password, cancellationToken);
            return helper.FileName;
        }
        if (config[Auths] is not JsonObject auths)
        {
            config[Auths] = auths = [];
        }
        foreach (var key in KeysOf(registry))
        {
            auths.Remove(key);
        }
        var pair = Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password.Reveal()}");
        auths[KeysOf(registry)[0]] = new JsonObject { ["auth"] = Convert.ToBase64String(pair) };
        Write(config);
        return path;
    }

    /// <summary>Forgets the login; false when there was none.</summary>
    public async Task<bool> LogoutAsync(string registry, CancellationToken cancellationToken)
    {
        var config = Read();
        var removed = false;
        if (HelperFor(config, registry) is { } helper)
        {
            removed = await helper.EraseAsync(KeysOf(registry)[0], cancellationToken);
        }
        if (config[Auths] is JsonObject auths)
        {
            var keys = KeysOf(registry).Where(auths.ContainsKey).ToList();
            if (keys.Count > 0)
            {
                keys.ForEach(key => auths.Remove(key));
                Write(config);
                removed = true;
            }
        }
        return removed;
    }

    /// <summary>The keys under which logins for a registry are found, the one to write first.</summary>
    internal static IReadOnlyList<string> KeysOf(string registry) => registry == Reference.DefaultRegistry
        ? [DockerHubKey, "index.docker.io", "docker.io", "https://index.docker.io/v1", "registry-1.docker.io", "https://docker.io", "https://registry-1.docker.io"]
        : [registry, $"https://{registry}", $"https://{registry}/", $"http://{registry}", $"http://{registry}/", $"https://{registry}/v1/", $"https://{registry}/v2/"];

    private JsonObject Read()
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length == 0)
            {
                return [];
            }
            return file.Length <= MaxSize && JsonNode.Parse(File.ReadAllBytes(path), null, Strict) is JsonObject config
                ? Looked(config)
                : throw new CredentialException($"{path} is not the JSON object that logins are kept in; mend it, or move it away and log in again.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            var line = e is JsonException { LineNumber: { } number } ? $" (line {number + 1})" : "";
            throw new CredentialException($"{path} is no sound JSON{line}; mend it, or move it away and log in again.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CredentialException($"{path}, where logins are kept, may not be read by this user.");
        }
    }

    // Names and texts are decoded late: halves of characters are found only then.
    private static T Looked<T>(T node)
        where T : JsonNode
    {
        IEnumerable<JsonNode?> parts = node switch
        {
            JsonObject map => map.Select(pair => pair.Value),
            JsonArray list => list,
            _ => [],
        };
        foreach (var part in parts.OfType<JsonNode>())
        {
            Looked(part);
        }
        _ = TextOf(node);
        return node;
    }

    private void Write(JsonObject config)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, IndentCharacter = '\t', IndentSize = 1 }))
        {
            config.WriteTo(writer);
        }
        SecretFile.Write(path, buffer.ToArray());
    }

    private static CredentialProgram? HelperFor(JsonObject config, string registry)
    {
        if (config["credHelpers"] is JsonObject helpers)
        {
            foreach (var key in KeysOf(registry))
            {
                if (TextOf(helpers[key]) is { Length: > 0 } special)
                {
                    return new CredentialProgram(special);
                }
            }
        }
        return TextOf(config["credsStore"]) is { Length: > 0 } general ? new CredentialProgram(general) : null;
    }

    private static JsonObject? EntryOf(JsonObject config, string registry) => config[Auths] is JsonObject auths
        ? KeysOf(registry).Select(key => auths[key] as JsonObject).FirstOrDefault(entry => entry is { Count: > 0 })
        : null;

    private Credential? ReadEntry(JsonObject entry, string registry)
    {
        if (TextOf(entry["identitytoken"]) is { Length: > 0 } token)
        {
            return new Credential.IdentityToken(new Secret(token));
        }
        if (TextOf(entry["auth"]) is { Length: > 0 } auth)
        {
            var bytes = new byte[auth.Length];
            if (!Convert.TryFromBase64String(auth, bytes, out var length) || Encoding.UTF8.GetString(bytes, 0, length) is var pair && !pair.Contains(':', StringComparison.Ordinal))
            {
                throw new CredentialException($"The login for {registry} in {path} cannot be read; renew it with: strata login {registry}");
            }
            // Docker ends some passwords with a NUL.
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            return new Credential.Basic(pair[..colon], new Secret(pair[(colon + 1)..].TrimEnd('\0')));
        }
        return TextOf(entry["username"]) is { Length: > 0 } user && TextOf(entry["password"]) is { } password
            ? new Credential.Basic(user, new Secret(password))
            : null;
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}

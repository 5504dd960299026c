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
/// <param name="path">Where it is, or will be.</param>
/// <param name="programs">PATH: where credential helpers are.</param>
public sealed class DockerConfigFile(string path, string? programs)
{
    private const string Auths = "auths";
    private const string DockerHubKey = "https://index.docker.io/v1/";
    private const string Store = "credsStore";
    private const string IdentityToken = "identitytoken";
    private const int MaxSize = 4 * 1024 * 1024;

    // Which of two values counts, other programs decide otherwise.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public string Path => path;

    /// <summary>Where these variables put it: REGISTRY_AUTH_FILE, else DOCKER_CONFIG's folder, else ~/.docker.</summary>
    public static DockerConfigFile Locate(Func<string, string?> variable)
    {
        if (variable("REGISTRY_AUTH_FILE") is { Length: > 0 } file)
        {
            return new DockerConfigFile(file, variable("PATH"));
        }
        var folder = variable("DOCKER_CONFIG") is { Length: > 0 } given ? given : System.IO.Path.Combine(variable("HOME") ?? "/root", ".docker");
        return new DockerConfigFile(System.IO.Path.Combine(folder, "config.json"), variable("PATH"));
    }

    /// <summary>The login for a registry as a whole.</summary>
    public async ValueTask<Credential?> FindAsync(string registry, CancellationToken cancellationToken)
    {
        var config = Read();
        if (HelperFor(config, registry) is { } helper && await helper.FindAsync(KeysOf(registry)[0], cancellationToken) is { } kept)
        {
            return kept;
        }
        return EntryOf(config, KeysOf(registry)) is { } entry ? ReadEntry(entry, registry) : null;
    }

    /// <summary>The login under a key of podman's, <c>registry/path</c>. Helpers keep none of those.</summary>
    public Credential? FindExact(string key) => EntryOf(Read(), [key]) is { } entry ? ReadEntry(entry, key) : null;

    /// <summary>Keeps the login; an earlier one for the same name is replaced. Gives back where it is kept.</summary>
    /// <param name="token">Kept instead of the password, which is then forgotten.</param>
    public async Task<string> LoginAsync(LoginName name, Credential.Basic credential, Credential.IdentityToken? token, CancellationToken cancellationToken)
    {
        if (name.Path is null && HelperFor(Read(), name.Registry) is { } helper)
        {
            await helper.StoreAsync(KeysOf(name.Registry)[0], token ?? (Credential)credential, cancellationToken);
            return helper.FileName;
        }
        using var alone = await SecretFile.LockAsync(path, cancellationToken);
        var config = Read();
        if (config[Auths] is not JsonObject auths)
        {
            config[Auths] = auths = [];
        }
        var keys = KeysOf(name);
        foreach (var key in keys)
        {
            auths.Remove(key);
        }
        var pair = Encoding.UTF8.GetBytes($"{credential.UserName}:{(token is null ? credential.Password.Reveal() : "")}");
        var entry = new JsonObject { ["auth"] = Convert.ToBase64String(pair) };
        if (token is not null)
        {
            entry[IdentityToken] = token.Token.Reveal();
        }
        auths[keys[0]] = entry;
        Write(config);
        return path;
    }

    /// <summary>Forgets the login; false when there was none.</summary>
    public async Task<bool> LogoutAsync(LoginName name, CancellationToken cancellationToken)
    {
        // What is in the file goes first: a helper may fail.
        var (config, removed) = await RemoveAsync(KeysOf(name).Contains, cancellationToken);
        var isErased = name.Path is null && HelperFor(config, name.Registry) is { } helper
            && await helper.EraseAsync(KeysOf(name.Registry)[0], cancellationToken);
        return isErased || removed.Count > 0;
    }

    /// <summary>Forgets all logins, those that helpers keep too; how many there were.</summary>
    public async Task<int> LogoutAllAsync(CancellationToken cancellationToken)
    {
        var (config, removed) = await RemoveAsync(static _ => true, cancellationToken);
        var forgotten = removed.ToHashSet();
        var special = config["credHelpers"] as JsonObject ?? [];
        IEnumerable<(string? Key, string? Name)> helpers = [.. special.Select(helper => (helper.Key, TextOf(helper.Value))), (null, TextOf(config[Store]))];
        await EveryPlace.VisitAsync(helpers.Where(helper => helper.Name is { Length: > 0 }), async helper =>
        {
            var program = new CredentialProgram(helper.Name!, path, programs);
            if (helper.Key is not { } key)
            {
                forgotten.UnionWith(await program.EraseAllAsync(cancellationToken));
            }
            else if (await program.EraseAsync(key, cancellationToken))
            {
                forgotten.Add(key);
            }
        });
        return forgotten.Count;
    }

    /// <summary>Takes logins out of the file, which is left alone where it has none of them. What is in it then, and the keys that went.</summary>
    private async Task<(JsonObject Config, IReadOnlyList<string> Removed)> RemoveAsync(
        Func<string, bool> isMeant, CancellationToken cancellationToken)
    {
        var config = Read();
        if (Meant(config).Count == 0)
        {
            return (config, []);
        }
        using var alone = await SecretFile.LockAsync(path, cancellationToken);
        config = Read();
        var keys = Meant(config);
        if (keys.Count > 0)
        {
            var auths = (JsonObject)config[Auths]!;
            keys.ForEach(key => auths.Remove(key));
            Write(config);
        }
        return (config, keys);

        List<string> Meant(JsonObject read) => read[Auths] is JsonObject auths ? [.. auths.Select(entry => entry.Key).Where(isMeant)] : [];
    }

    /// <summary>The keys under which a login is found, the one to write first.</summary>
    private static IReadOnlyList<string> KeysOf(LoginName name) => name.Path is null ? KeysOf(name.Registry) : [name.ToString()];

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

    private CredentialProgram? HelperFor(JsonObject config, string registry)
    {
        if (config["credHelpers"] is JsonObject helpers)
        {
            foreach (var key in KeysOf(registry))
            {
                if (TextOf(helpers[key]) is { Length: > 0 } special)
                {
                    return new CredentialProgram(special, path, programs);
                }
            }
        }
        return TextOf(config[Store]) is { Length: > 0 } general ? new CredentialProgram(general, path, programs) : null;
    }

    private static JsonObject? EntryOf(JsonObject config, IReadOnlyList<string> keys) => config[Auths] is JsonObject auths
        ? keys.Select(key => auths[key] as JsonObject).FirstOrDefault(entry => entry is { Count: > 0 })
        : null;

    private Credential? ReadEntry(JsonObject entry, string name)
    {
        if (TextOf(entry[IdentityToken]) is { Length: > 0 } token)
        {
            return new Credential.IdentityToken(new Secret(token));
        }
        if (TextOf(entry["auth"]) is { Length: > 0 } auth)
        {
            var bytes = new byte[auth.Length];
            if (!Convert.TryFromBase64String(auth, bytes, out var length) || Encoding.UTF8.GetString(bytes, 0, length) is var pair && !pair.Contains(':', StringComparison.Ordinal))
            {
                throw new CredentialException($"The login for {name} in {path} cannot be read; renew it with: strata login {name}");
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

namespace Strata.Remote.Credentials;

/// <summary>
/// The files that keep logins on this machine, docker's first, then podman's. A login for the repository counts before one for what the
/// repository lies in, and the first file that knows it counts. A login is written to the first file, and forgotten in all of them.
/// </summary>
public sealed class CredentialFiles(IReadOnlyList<DockerConfigFile> files) : ICredentialSource
{
    /// <summary>
    /// REGISTRY_AUTH_FILE alone where it is set. Else docker's config.json, podman's auth.json of this session
    /// (<c>$XDG_RUNTIME_DIR/containers</c>; without one <c>/run/containers/UID</c>), and the lasting one below ~/.config.
    /// </summary>
    public static CredentialFiles Locate(Func<string, string?> variable, uint user)
    {
        var first = DockerConfigFile.Locate(variable);
        if (variable("REGISTRY_AUTH_FILE") is { Length: > 0 })
        {
            return new CredentialFiles([first]);
        }
        var session = variable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? Path.Combine(runtime, "containers") : $"/run/containers/{user}";
        var lasting = variable("XDG_CONFIG_HOME") is { Length: > 0 } config && config.StartsWith('/') ? config : Path.Combine(variable("HOME") ?? "/root", ".config");
        return new CredentialFiles(
        [
            first,
            new DockerConfigFile(Path.Combine(session, "auth.json"), variable("PATH")),
            new DockerConfigFile(Path.Combine(lasting, "containers", "auth.json"), variable("PATH")),
        ]);
    }

    public async ValueTask<Credential?> FindAsync(LoginName name, CancellationToken cancellationToken)
    {
        foreach (var key in name.PathKeys())
        {
            if (files.Select(file => file.FindExact(key)).FirstOrDefault(found => found is not null) is { } exact)
            {
                return exact;
            }
        }
        foreach (var file in files)
        {
            if (await file.FindAsync(name.Registry, cancellationToken) is { } found)
            {
                return found;
            }
        }
        return null;
    }

    /// <inheritdoc cref="DockerConfigFile.LoginAsync"/>
    public Task<string> LoginAsync(LoginName name, Credential.Basic credential, Credential.IdentityToken? token, CancellationToken cancellationToken) =>
        files[0].LoginAsync(name, credential, token, cancellationToken);

    /// <summary>False when there was none.</summary>
    public async Task<bool> LogoutAsync(LoginName name, CancellationToken cancellationToken)
    {
        var removed = false;
        await EveryPlace.VisitAsync(files, async file => removed |= await file.LogoutAsync(name, cancellationToken));
        return removed;
    }

    /// <summary>How many there were.</summary>
    public async Task<int> LogoutAllAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        await EveryPlace.VisitAsync(files, async file => count += await file.LogoutAllAsync(cancellationToken));
        return count;
    }
}

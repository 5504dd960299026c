namespace Strata.Remote.Credentials;

/// <summary>
/// All logins of this machine: those in files, and those that helpers keep which registries.conf names. Both are asked in the order given
/// there; what fails is gone round, and is an error only where nobody else knows the login.
/// </summary>
/// <param name="files">What <c>containers-auth.json</c> stands for.</param>
/// <param name="helpers"><c>credential-helpers</c> of registries.conf; empty: the files alone.</param>
/// <param name="programs">PATH: where the helpers are.</param>
public sealed class MachineLogins(CredentialFiles files, IReadOnlyList<string> helpers, string? programs) : ICredentialSource
{
    private const string Files = "containers-auth.json";
    private const string NamedBy = "registries.conf";

    private IReadOnlyList<string> Places => helpers.Count == 0 ? [Files] : helpers;

    public async ValueTask<Credential?> FindAsync(LoginName name, CancellationToken cancellationToken)
    {
        CredentialException? failure = null;
        foreach (var place in Places)
        {
            try
            {
                var found = place == Files
                    ? await files.FindAsync(name, cancellationToken)
                    : await new CredentialProgram(place, NamedBy, programs).FindAsync(name.Registry, cancellationToken);
                if (found is not null)
                {
                    return found;
                }
            }
            catch (CredentialException e)
            {
                failure ??= e;
            }
        }
        return failure is null ? null : throw failure;
    }

    /// <summary>Keeps the login at the first place that takes it; where that is.</summary>
    /// <param name="token">Kept instead of the password, which is then forgotten.</param>
    public async Task<string> LoginAsync(LoginName name, Credential.Basic credential, Credential.IdentityToken? token, CancellationToken cancellationToken)
    {
        CredentialException? failure = null;
        foreach (var place in Places)
        {
            try
            {
                if (place == Files)
                {
                    return await files.LoginAsync(name, credential, token, cancellationToken);
                }
                var helper = new CredentialProgram(place, NamedBy, programs);
                if (name.Path is not null)
                {
                    throw new CredentialException($"{helper.FileName}, which {NamedBy} names, keeps logins for whole registries only: strata login {name.Registry}");
                }
                await helper.StoreAsync(name.Registry, token ?? (Credential)credential, cancellationToken);
                return helper.FileName;
            }
            catch (CredentialException e)
            {
                failure ??= e;
            }
        }
        throw failure!;
    }

    /// <summary>Forgets the login at every place; false when there was none.</summary>
    public async Task<bool> LogoutAsync(LoginName name, CancellationToken cancellationToken)
    {
        var removed = false;
        await EveryPlace.VisitAsync(Places, async place => removed |= place == Files
            ? await files.LogoutAsync(name, cancellationToken)
            : name.Path is null && await new CredentialProgram(place, NamedBy, programs).EraseAsync(name.Registry, cancellationToken));
        return removed;
    }

    /// <summary>Forgets every login; how many there were.</summary>
    public async Task<int> LogoutAllAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        await EveryPlace.VisitAsync(Places, async place => count += place == Files
            ? await files.LogoutAllAsync(cancellationToken)
            : (await new CredentialProgram(place, NamedBy, programs).EraseAllAsync(cancellationToken)).Count);
        return count;
    }
}

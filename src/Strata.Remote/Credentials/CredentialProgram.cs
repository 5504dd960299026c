using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Strata.Content;

namespace Strata.Remote.Credentials;

/// <summary>
/// A program <c>docker-credential-NAME</c> that keeps logins elsewhere: it gets a verb as argument and its input on stdin, and
/// answers on stdout.
/// </summary>
/// <param name="name">NAME.</param>
/// <param name="namedBy">The file that asks for it, for messages.</param>
/// <param name="folders">Where such programs are, as PATH lists folders.</param>
internal sealed class CredentialProgram(string name, string namedBy, string? folders)
{
    // What helpers call a login that is an identity token.
    private const string TokenUser = "<token>";

    // The sentence by which all helpers say that they have none.
    private const string NotFound = "credentials not found in native keychain";

    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string FileName => $"docker-credential-{name}";

    public async Task<Credential?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var (code, output) = await RunAsync("get", key, cancellationToken);
        if (code != 0)
        {
            return output.Contains(NotFound, StringComparison.Ordinal) ? null : throw Failed("get", output);
        }
        try
        {
            var answer = JsonSerializer.Deserialize(output, RemoteJson.Default.HelperLogin);
            return answer is { Username: { } user, Secret: { } secret }
                ? user == TokenUser ? new Credential.IdentityToken(new Secret(secret)) : new Credential.Basic(user, new Secret(secret))
                : null;
        }
        catch (JsonException)
        {
            throw new CredentialException($"{FileName} answered with something that is no login.");
        }
    }

    public async Task StoreAsync(string key, Credential credential, CancellationToken cancellationToken)
    {
        var (userName, secret) = credential switch
        {
            Credential.Basic basic => (basic.UserName, basic.Password),
            Credential.IdentityToken token => (TokenUser, token.Token),
            _ => throw new InvalidOperationException($"An unknown kind of login: {credential.GetType()}"),
        };
        var login = new HelperLogin { ServerURL = key, Username = userName, Secret = secret.Reveal() };
        var (code, output) = await RunAsync("store", JsonSerializer.Serialize(login, RemoteJson.Default.HelperLogin), cancellationToken);
        if (code != 0)
        {
            throw Failed("store", output);
        }
    }

    /// <summary>Erases all that it keeps; the keys of that.</summary>
    public async Task<IReadOnlyCollection<string>> EraseAllAsync(CancellationToken cancellationToken)
    {
        var (code, output) = await RunAsync("list", "", cancellationToken);
        if (code != 0)
        {
            throw Failed("list", output);
        }
        try
        {
            var kept = JsonSerializer.Deserialize(output.Length > 0 ? output : "{}", RemoteJson.Default.DictionaryStringString) ?? [];
            await EveryPlace.VisitAsync(kept.Keys, key => EraseAsync(key, cancellationToken));
            return kept.Keys;
        }
        catch (JsonException)
        {
            throw new CredentialException($"{FileName} answered with something that is no list of logins.");
        }
    }

    /// <summary>False when it keeps none.</summary>
    public async Task<bool> EraseAsync(string key, CancellationToken cancellationToken)
    {
        var (code, output) = await RunAsync("erase", key, cancellationToken);
        return code == 0 || (output.Contains(NotFound, StringComparison.Ordinal) ? false : throw Failed("erase", output));
    }

    private async Task<(int Code, string Output)> RunAsync(string verb, string input, CancellationToken cancellationToken)
    {
        // A name with a slash would start a program from anywhere.
        if (name.Contains('/', StringComparison.Ordinal))
        {
            throw new CredentialException($"'{name}' is no name of a credential helper.");
        }
        var path = Locate() ?? throw NotInstalled();
        var start = new ProcessStartInfo(path, [verb]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start) ?? throw new CredentialException($"{FileName} did not start.");
            try
            {
                return await TalkAsync(process, verb, input, cancellationToken);
            }
            catch
            {
                // It may be waiting for somebody at a prompt, and nobody waits for it any more.
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
                throw;
            }
        }
        catch (Win32Exception)
        {
            throw NotInstalled();
        }
    }

    /// <summary>
    /// In absolute folders alone. By a bare name a program would be looked for in the working directory first, and that may be a
    /// folder that somebody else filled.
    /// </summary>
    private string? Locate() => (folders ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathRooted)
        .Select(folder => Path.Combine(folder, FileName))
        .FirstOrDefault(path => File.Exists(path) && (File.GetUnixFileMode(path) & Executable) != 0);

    private async Task<(int Code, string Output)> TalkAsync(Process process, string verb, string input, CancellationToken cancellationToken)
    {
        // Read from the beginning, or a helper that says much before it reads would wait for ever.
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var answer = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var isRead = true;
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended early; if it failed, what it says of that tells more.
            isRead = false;
        }
        var output = (await answer).Trim();
        var complaint = (await errors).Trim();
        await process.WaitForExitAsync(cancellationToken);
        return isRead || process.ExitCode != 0
            ? (process.ExitCode, output.Length > 0 ? output : complaint)
            : throw new CredentialException($"{FileName} {verb} ended without reading what it was given; is it a credential helper?");
    }

    private CredentialException NotInstalled() =>
        new($"The logins are kept by {FileName}, which is not installed; install it, or take it out of {namedBy}.");

    private CredentialException Failed(string verb, string output) =>
        new($"{FileName} {verb} failed: {(output.Length > 200 ? output[..200] : output)}");
}

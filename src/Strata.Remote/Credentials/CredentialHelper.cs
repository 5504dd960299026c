using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Strata.Content;

namespace Strata.Remote.Credentials;

/// <summary>
/// A program <c>docker-credential-NAME</c> that keeps logins elsewhere: it gets a verb as argument and its input on stdin, and
/// answers on stdout.
/// </summary>
internal sealed class CredentialHelper(string name)
{
    // The sentence by which all helpers say that they have none.
    private const string NotFound = "credentials not found in native keychain";

    public string Program => $"docker-credential-{name}";

    public async Task<(string UserName, Secret Secret)?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var (code, output) = await RunAsync("get", key, cancellationToken);
        if (code != 0)
        {
            return output.Contains(NotFound, StringComparison.Ordinal) ? null : throw Failed("get", output);
        }
        try
        {
            var answer = JsonSerializer.Deserialize(output, RemoteJson.Default.HelperLogin);
            return answer is { Username: { } user, Secret: { } secret } ? (user, new Secret(secret)) : null;
        }
        catch (JsonException)
        {
            throw new CredentialException($"{Program} answered with something that is no login.");
        }
    }

    public async Task StoreAsync(string key, string userName, Secret secret, CancellationToken cancellationToken)
    {
        var login = new HelperLogin { ServerURL = key, Username = userName, Secret = secret.Reveal() };
        var (code, output) = await RunAsync("store", JsonSerializer.Serialize(login, RemoteJson.Default.HelperLogin), cancellationToken);
        if (code != 0)
        {
            throw Failed("store", output);
        }
    }

    public async Task<bool> EraseAsync(string key, CancellationToken cancellationToken) => (await RunAsync("erase", key, cancellationToken)).Code == 0;

    private async Task<(int Code, string Output)> RunAsync(string verb, string input, CancellationToken cancellationToken)
    {
        // A name with a slash would start a program from anywhere.
        if (name.Contains('/', StringComparison.Ordinal))
        {
            throw new CredentialException($"'{name}' is no name of a credential helper.");
        }
        var start = new ProcessStartInfo(Program, [verb]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start) ?? throw new CredentialException($"{Program} did not start.");
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, output.Trim().Length > 0 ? output.Trim() : (await errors).Trim());
        }
        catch (Win32Exception)
        {
            throw new CredentialException($"The logins are kept by {Program}, which is not installed; install it, or take 'credsStore' out of the configuration file.");
        }
    }

    private CredentialException Failed(string verb, string output) =>
        new($"{Program} {verb} failed: {(output.Length > 200 ? output[..200] : output)}");
}

using System.Text;

namespace Strata.Registry.Access;

/// <summary>
/// User and password in every request (RFC 7617) against an htpasswd file: everybody in the file may do everything; others may pull, where
/// that is allowed. Passwords that were right are remembered, since a hash takes milliseconds and clients send theirs each time.
/// </summary>
internal sealed class BasicAuthentication(HtpasswdFile users, bool anonymousPull) : IDisposable
{
    public const string Challenge = "Basic realm=\"Strata registry\", charset=\"UTF-8\"";
    private const string Scheme = "Basic ";
    private const int MaxWaiting = 64;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly VerifiedCredentials _verified = new();

    // Hashing passwords may take half of the machine and no more, however many are sent.
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));
    private int _waiting;

    /// <param name="header">The Authorization header, "" when there is none.</param>
    /// <param name="action">What is wanted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<AccessDecision> DecideAsync(string header, RegistryAction action, CancellationToken cancellationToken)
    {
        // Some clients that have no password answer a challenge with an empty user and an empty password.
        if (header.Length == 0 || IsEmpty(header))
        {
            return anonymousPull && action == RegistryAction.Pull ? new AccessDecision.Granted("") : new AccessDecision.Refused();
        }
        if (!TryRead(header, out var user, out var password))
        {
            return new AccessDecision.Refused();
        }
        var entry = users.Find(user);
        if (entry.Known && _verified.Contains(entry.Hash, user, password))
        {
            return new AccessDecision.Granted(user);
        }
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return new AccessDecision.Overloaded();
        }
        try
        {
            await _hashing.WaitAsync(cancellationToken);
            try
            {
                // An unknown user costs as much as a wrong password, so the time taken does not tell who exists.
                if (!entry.Hash.Verify(password) || !entry.Known)
                {
                    return new AccessDecision.Refused();
                }
            }
            finally
            {
                _hashing.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        _verified.Add(entry.Hash, user, password);
        return new AccessDecision.Granted(user);
    }

    public void Dispose() => _hashing.Dispose();

    private static bool IsEmpty(string header) => TryRead(header, out var user, out var password) && user.Length == 0 && password.Length == 0;

    private static bool TryRead(string header, out string user, out string password)
    {
        (user, password) = ("", "");
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        try
        {
            var text = StrictUtf8.GetString(Convert.FromBase64String(header[Scheme.Length..].Trim()));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                return false;
            }
            (user, password) = (text[..colon], text[(colon + 1)..]);
            return true;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return false;
        }
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Strata.Registry.Access;

/// <summary>
/// Passwords that were found right against a hash, as keyed fingerprints that are of no use outside this process. A changed hash in the
/// file makes another fingerprint, so a changed password is checked anew.
/// </summary>
internal sealed class VerifiedCredentials
{
    private const int MaxEntries = 1024;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _gate = new();
    private readonly HashSet<string> _fingerprints = [];

    public bool Contains(BcryptHash hash, string user, string password)
    {
        var fingerprint = Fingerprint(hash, user, password);
        lock (_gate)
        {
            return _fingerprints.Contains(fingerprint);
        }
    }

    public void Add(BcryptHash hash, string user, string password)
    {
        var fingerprint = Fingerprint(hash, user, password);
        lock (_gate)
        {
            if (_fingerprints.Count >= MaxEntries)
            {
                _fingerprints.Clear();
            }
            _fingerprints.Add(fingerprint);
        }
    }

    private string Fingerprint(BcryptHash hash, string user, string password) =>
        Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{hash.Text}\0{user}\0{password}")));
}

using Microsoft.Extensions.Logging;

namespace Strata.Registry.Access;

/// <summary>The hash to check a password against; of an unknown user, one that costs the same.</summary>
internal readonly record struct HtpasswdEntry(bool Known, BcryptHash Hash);

/// <summary>Users and their bcrypt hashes, one <c>user:hash</c> a line, as Apache's htpasswd writes them. Read again when the file changes.</summary>
internal sealed class HtpasswdFile
{
    private const int DefaultCost = 5;
    private readonly string _path;
    private readonly ILogger _logger;
    private Users _users;

    private HtpasswdFile(string path, Users users, ILogger logger) => (_path, _users, _logger) = (path, users, logger);

    /// <exception cref="FormatException">A line is not what it should be.</exception>
    public static HtpasswdFile Load(string path, ILogger logger) => new(path, Read(path), logger);

    public HtpasswdEntry Find(string user)
    {
        var users = Current();
        return users.Hashes.TryGetValue(user, out var hash) ? new(true, hash) : new(false, users.Stranger);
    }

    private Users Current()
    {
        var users = Volatile.Read(ref _users);
        var changed = File.GetLastWriteTimeUtc(_path);
        if (changed == users.ReadAt)
        {
            return users;
        }
        try
        {
            users = Read(_path);
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Path} could not be read again: {Problem} The users read before stay valid.", _path, e.Message);
            users = users with { ReadAt = changed };
        }
        Volatile.Write(ref _users, users);
        return users;
    }

    private static Users Read(string path)
    {
        var readAt = File.GetLastWriteTimeUtc(path);
        var hashes = new Dictionary<string, BcryptHash>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                throw new FormatException($"{path}, line {number}: expected user:hash.");
            }
            if (BcryptHash.TryParse(text[(colon + 1)..]) is not { } hash)
            {
                throw new FormatException($"{path}, line {number}: the password of '{text[..colon]}' is no bcrypt hash of cost 4 to {BcryptHash.MaxCost}. Make it with: htpasswd -B {path} {text[..colon]}");
            }
            hashes.TryAdd(text[..colon], hash);
        }
        var cost = hashes.Count == 0 ? DefaultCost : hashes.Values.Max(h => h.Cost);
        return new Users(hashes, BcryptHash.Unmatchable(cost), readAt);
    }

    private sealed record Users(Dictionary<string, BcryptHash> Hashes, BcryptHash Stranger, DateTime ReadAt);
}

using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Registry.Storage.Sqlite;

/// <summary>What a tag meant since <paramref name="Change"/>, which is never itself a rollback.</summary>
internal sealed record TagMeaning(long Change, Digest Digest);

/// <summary>
/// What a tag stood for, with the changes taken out that were undone. A rollback names the change it restored, and what lay before that
/// one then lies before the rollback too; so the timeline is a chain that is walked backwards, past everything undone.
/// </summary>
internal static class TagTimeline
{
    private sealed record Change(long Id, Digest? To, long? Restores);

    /// <summary>
    /// The meanings, the latest first: it begins with the present one or, of a removed tag, with the one it was removed from. A manifest
    /// counts once however often the tag was given to it in a row, or removed in between.
    /// </summary>
    public static IEnumerable<TagMeaning> Of(SqliteSession session, long repository, Tag tag)
    {
        TagMeaning? above = null;
        var before = long.MaxValue;
        while (LatestBefore(session, repository, tag, before) is { } change)
        {
            before = change.Restores ?? change.Id;
            if (change.To is { } digest && above?.Digest != digest)
            {
                above = new TagMeaning(before, digest);
                yield return above;
            }
        }
    }

    private static Change? LatestBefore(SqliteSession session, long repository, Tag tag, long id) => session.First(
        "SELECT id, to_digest, restores FROM tag_changes WHERE repository_id = ?1 AND tag = ?2 AND id < ?3 ORDER BY id DESC LIMIT 1",
        static row => new Change(row.Long(0), row.TextOrNull(1) is { } text ? Digest.Parse(text) : null, row.LongOrNull(2)),
        repository, tag.ToString(), id);
}

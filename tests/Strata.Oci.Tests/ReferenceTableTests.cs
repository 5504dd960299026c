using System.Text.Json;
using static Strata.Oci.Tests.Rows;

namespace Strata.Oci.Tests;

/// <summary>
/// Rows that docker's own reference package is tested with, all of them; familiarMatch is with the store, which has the patterns.
/// </summary>
public sealed class ReferenceTableTests
{
    private static JsonElement Canonical(string table) => Table("references", "references.json").GetProperty(table);

    private static JsonElement Normal(string table) => Table("references", "normalize.json").GetProperty(table);

    private static JsonElement Grammar(string table) => Table("references", "grammar.json").GetProperty(table);

    [Fact]
    public void References_are_split_into_their_parts() => Check(Canonical("parse"), 48, row =>
    {
        var input = row.Text("input");
        var ok = Reference.TryParse(input, out var reference);
        if (row.Has("error"))
        {
            // sha512 is refused there because that test registers sha256 alone.
            return ok == input.Contains("@sha512:", StringComparison.Ordinal) ? null : $"{input}: should be refused ({row.Text("error")})";
        }
        if (reference is null)
        {
            return $"{input}: refused";
        }
        // Without a default registry, a first part that is no host is called the domain all the same.
        var domain = row.Text("domain");
        var path = row.Text("path");
        var name = domain.Length == 0 ? (path.Contains('/', StringComparison.Ordinal) ? "docker.io/" : "docker.io/library/") + path
            : domain.AsSpan().ContainsAny('.', ':') || domain.Any(char.IsAsciiLetterUpper) ? $"{domain}/{path}"
            : $"docker.io/{domain}/{path}";
        return Differs(input, name, reference.Name)
            ?? Differs(input, row.Text("tag"), reference.Tag?.ToString() ?? "")
            ?? Differs(input, row.Text("digest"), reference.Digest?.ToString() ?? "");
    });

    [Fact]
    public void What_is_not_canonical_is_completed() => Check(Canonical("parseNamed"), 8, row =>
    {
        var input = row.Text("input");
        var canonical = Reference.TryParse(input, out var reference) && reference.ToString() == input;
        return canonical != row.Has("error") ? null : $"{input}: {reference}";
    });

    // The digests there are too short, which a Digest cannot be; they are made longer here and in what is expected.
    [Fact]
    public void A_name_a_tag_and_a_digest_are_put_together() => Check(Canonical("withTagAndDigest"), 9, row =>
    {
        var given = row.Text("digest");
        var digest = given.Length == 0 ? given : given.PadRight("sha256:".Length + 64, '0');
        var name = Reference.Parse(row.Text("name"));
        var reference = name with { Tag = Tag.TryParse(row.Text("tag"), out var tag) ? tag : null, Digest = Digest.TryParse(digest, out var parsed) ? parsed : null };
        return Differs(row.Text("name"), given.Length == 0 ? row.Text("expected") : row.Text("expected").Replace(given, digest, StringComparison.Ordinal), reference.Familiar);
    });

    [Fact]
    public void What_is_written_down_is_read_back_unchanged() => Check(Canonical("serialization"), 4, row =>
    {
        var input = row.Text("input");
        return !Reference.TryParse(input, out var reference)
            ? row.Has("error") ? null : $"{input}: refused"
            : Differs(input, input, reference.ToString()) ?? Differs(input, row.Text("name"), reference.Name)
                ?? Differs(input, row.Text("tag"), reference.Tag?.ToString() ?? "") ?? Differs(input, row.Text("digest"), reference.Digest?.ToString() ?? "");
    });

    [Fact]
    public void Names_that_are_none_are_refused() => Check(Canonical("withNameFailure"), 7, row =>
        Reference.TryParse(row.Text("input"), out var reference) && reference.Tag is null ? $"{row.Text("input")}: taken" : null);

    [Fact]
    public void Registries_and_repositories_are_told_apart() => Check(Canonical("domainAndPath"), 6, row => CheckSplit(row));

    [Fact]
    public void Host_names_are_split_off() => Check(Normal("splitHostname"), 11, row => CheckSplit(row));

    [Fact]
    public void Names_people_type_are_valid_or_not() => Check(Normal("validate"), 63, row =>
        Reference.TryParse(row.Text("input"), out _) == row.Flag("valid") ? null : $"{row.Text("input")}: should be {row.Flag("valid")}");

    [Fact]
    public void Names_are_shown_as_docker_shows_them() => Check(Normal("repositoryInfo"), 48, row =>
    {
        var reference = Reference.Parse(row.Text("input"));
        return Differs(row.Text("input"), row.Text("domain"), reference.Registry)
            ?? Differs(row.Text("input"), row.Text("path"), reference.Repository.ToString())
            ?? Differs(row.Text("input"), row.Text("fullName"), reference.Name)
            ?? Differs(row.Text("input"), row.Text("familiarName"), reference.FamiliarName);
    });

    // An image's id and a bare digest are read by what looks up images, not as a reference.
    [Fact]
    public void Names_ids_and_digests_are_told_apart() => Check(Normal("parseAny"), 14, row =>
    {
        var input = row.Text("input");
        if (row.Text("expected").StartsWith("sha256:", StringComparison.Ordinal))
        {
            return Reference.TryParse(input, out var wrong) ? $"{input}: read as {wrong}" : null;
        }
        return Reference.TryParse(input, out var reference)
            ? row.Has("error") ? $"{input}: taken" : Differs(input, row.Text("expected"), reference.ToString())
            : row.Has("error") ? null : $"{input}: refused";
    });

    [Fact]
    public void A_digest_makes_the_tag_a_remark_and_neither_means_latest() => Check(Normal("parseDockerRef"), 11, row =>
    {
        if (!Reference.TryParse(row.Text("input"), out var reference))
        {
            return row.Has("error") ? null : $"{row.Text("input")}: refused";
        }
        var complete = (reference.Digest is null ? reference : reference with { Tag = null }).WithDefaultTag();
        return Differs(row.Text("input"), row.Text("expected"), complete.ToString());
    });

    [Fact]
    public void A_tag_and_a_digest_are_both_kept() => Check(Normal("tagAndDigest"), 1, row =>
    {
        var reference = Reference.Parse(row.Text("input"));
        return Differs("full", row.Text("expected"), reference.ToString()) ?? Differs("familiar", row.Text("familiarString"), reference.Familiar);
    });

    [Fact]
    public void Parts_that_are_none_are_refused() => Check(Normal("invalidComponents"), 2, row =>
        Tag.TryParse(row.Text("withTag"), out _) || Digest.TryParse(row.Text("withDigest"), out _) ? "taken" : null);

    // Here a host is only met before a slash, and one that could be a repository's first part is that.
    [Fact]
    public void Hosts_follow_the_grammar() => Check(Grammar("domain"), 30, row =>
    {
        var input = row.Text("input");
        var asHost = Reference.TryParse(input + "/x", out var reference) && reference.Registry == input;
        var couldBeHost = input.AsSpan().ContainsAny('.', ':') || input.Any(char.IsAsciiLetterUpper) || input == "localhost";
        return asHost == (row.Flag("match") && couldBeHost) ? null : $"{input}: {asHost}";
    });

    [Fact]
    public void Names_follow_the_grammar() => Check(Grammar("name"), 63, row =>
    {
        var input = row.Text("input");
        if (input.Length > RepositoryName.MaxLength)
        {
            // The grammar alone knows no length.
            return Reference.TryParse(input, out _) ? "too long: taken" : null;
        }
        var isName = Reference.TryParse(input, out var reference) && reference.Tag is null && reference.Digest is null;
        return isName == row.Flag("match") ? null : $"{input}: {isName}";
    });

    [Fact]
    public void References_follow_the_grammar() => Check(Grammar("reference"), 12, row =>
    {
        var input = row.Text("input");
        if (!Reference.TryParse(input, out var reference))
        {
            return row.Flag("match") ? $"{input}: refused" : null;
        }
        if (!row.Flag("match"))
        {
            return $"{input}: taken";
        }
        var groups = row.GetProperty("groups");
        return Differs(input, groups[1].GetString()!, reference.Tag?.ToString() ?? "")
            ?? Differs(input, groups[2].GetString()!, reference.Digest?.ToString() ?? "");
    });

    [Fact]
    public void Ids_follow_the_grammar() => Check(Grammar("identifier"), 5, row =>
    {
        var input = row.Text("input");
        var refusedAsId = !Reference.TryParse(input, out _, out var problem) && problem.Contains("id", StringComparison.Ordinal)
            && problem.StartsWith("64", StringComparison.Ordinal);
        return refusedAsId == row.Flag("match") ? null : $"{input}: {problem}";
    });

    private static string? CheckSplit(JsonElement row)
    {
        var reference = Reference.Parse(row.Text("input"));
        var domain = row.Text("domain");
        return Differs(row.Text("input"), domain.Length == 0 ? "docker.io" : domain, reference.Registry)
            ?? (reference.Repository.ToString() == row.Text("path") || (domain.Length == 0 && reference.Repository.ToString() == "library/" + row.Text("path"))
                ? null : $"{row.Text("input")}: repository '{reference.Repository}'");
    }
}

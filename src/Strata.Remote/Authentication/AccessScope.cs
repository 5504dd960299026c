using Strata.Oci;

namespace Strata.Remote.Authentication;

/// <summary>What a token is asked for (token-auth scope.md): entries <c>repository:name:actions</c>, in order, each once.</summary>
internal sealed record AccessScope
{
    private AccessScope(string text) => Text = text;

    public static AccessScope None { get; } = new("");

    /// <summary>The entries with blanks between them.</summary>
    public string Text { get; }

    public IReadOnlyList<string> Entries => Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static AccessScope Pull(RepositoryName repository) => new($"repository:{repository}:pull");

    public static AccessScope Push(RepositoryName repository) => new($"repository:{repository}:pull,push");

    public static AccessScope Delete(RepositoryName repository) => new($"repository:{repository}:delete,pull,push");

    public AccessScope And(string? more) => new(string.Join(' ', Entries
        .Concat((more ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Distinct()
        .Order(StringComparer.Ordinal)));
}
